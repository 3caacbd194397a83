"""The kill matrix: what is drawn, and when a run after a fault is not what a clean one is."""

from pathlib import Path
from typing import Any

import msgspec

from chaos.case import Case
from chaos.equal import not_like, not_right
from chaos.fleet import Fleet, Outcome, ended
from chaos.matrix import SQUARES, case_of, drawn, unhurt
from chaos.running import Seen, Struck
from harness.results.model import Doubt, Trial
from tests.builders import cell_of, results_of, trial_of

CASE = unhurt(case_of(SQUARES[0], 1))
RATES = (20.0, 20.4, 19.8, 20.2, 20.1, 19.9)


def seen(rates: tuple[float, ...] = RATES, **changes: Any) -> Seen:
    """What a run shows with these figures, and its first trial changed."""
    trials = [
        trial_of(number + 1, order=number, throughput_per_s=rate, had_slots=2, doubts=[])
        for number, rate in enumerate(rates)
    ]
    first = msgspec.structs.replace(trials[0], **{key: value for key, value in changes.items() if key != "status"})
    status = changes.get("status", 0)
    return Seen(
        status=status,
        seconds=1.0,
        err="" if status == 0 else "workbench: worker a@1 is leased by run x:123456",
        struck=[],
        results=results_of([cell_of("celery", trials=[first, *trials[1:]])]),
        unreadable=None,
        files=["report.html", "report.md"],
        left=[],
    )


def found(after: Seen) -> str:
    """What it has that a clean run has not."""
    return "\n".join([*not_right(CASE, after), *not_like(seen(), after)])


def test_every_square_comes_before_any_comes_again() -> None:
    """The same for the same seed; a role that nothing plays, or a moment that never comes, is not drawn."""
    cases = drawn(7, len(SQUARES) + 3)
    assert cases == drawn(7, len(SQUARES) + 3)
    assert {square for square, _ in cases[: len(SQUARES)]} == set(SQUARES)
    assert len(SQUARES) == 4 * 3 * 2 * 2
    for square, case in cases:
        (strike,) = case.strikes
        assert strike.hit == "KILL"
        assert case.broker == ("given redis" if square.kind == "redis" else "rabbitmq")
        assert (strike.role in ("external worker", "remote driver")) == (
            square.whose == "external" and square.killed in ("worker", "driver")
        )
        assert case.drivers == 2 or strike.role != "remote driver"


def test_an_equal_run_is_no_finding() -> None:
    """Its figures are others, and within the interval; of a difference that matters to nobody, nothing is said."""
    assert found(seen((20.3, 20.0, 20.1, 19.7, 20.2, 20.0))) == ""
    assert found(seen(tuple(1.01 * rate for rate in RATES))) == ""


def test_a_slower_run_has_to_name_why() -> None:
    """Three times off without a doubt was the defect."""
    slow = tuple(rate / 3 for rate in RATES)
    assert "6.7 good replies a second, the clean one 20.1" in found(seen(slow))
    assert found(seen(slow, doubts=[Doubt(kind="foreign-work", text="of others", advice="wait")])) == ""
    assert "good replies" in found(seen(slow, doubts=[Doubt(kind="noisy-machine", text="busy", advice="wait")]))


def test_what_is_lost_or_executed_twice_is_a_finding() -> None:
    """Whatever the rate."""
    good: Trial = trial_of(1)
    assert "1 lost" in found(seen(lost=1, ok=good.ok))
    assert "2 duplicates" in found(seen(duplicates=2))
    assert "other slots" in found(seen(had_slots=4))
    assert "exit 3" in found(seen(status=3))


class NotBefore(Fleet):
    """Reaches the moment of a case whose seed is that, or a later one."""

    def __init__(self, seed: int) -> None:
        super().__init__(Path())
        self.seed = seed

    def one(self, case: Case) -> Outcome:
        """Nothing is run."""
        (strike,) = case.strikes
        struck = Struck(
            strike=strike, pids=[], ended=True, phase="window", phase_after="window", trial=0, under_way=True
        )
        return Outcome(msgspec.structs.replace(seen(), struck=[struck] if case.seed >= self.seed else []), [])


def test_a_square_whose_moment_never_came_has_another_case() -> None:
    """And is printed with it; not for ever."""
    case = case_of(SQUARES[0], 7)
    once = ended(NotBefore(7), SQUARES[0], case, 3)
    assert (once.state, once.again.endswith("--case 7")) == ("as promised", True)
    assert ended(NotBefore(9), SQUARES[0], case, 3).again.endswith("--case 9")
    assert ended(NotBefore(10), SQUARES[0], case, 3).state == "not reached"
    assert ended(NotBefore(9), SQUARES[0], case, 1).state == "not reached"
