"""The kill matrix: what is drawn, and when a run after a fault is not what a clean one is."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from chaos.case import Case
from chaos.equal import is_disturbed, not_like, not_like_both, not_right, of_load
from chaos.fleet import Fleet, Outcome, Tried, ended
from chaos.matrix import SQUARES, Square, case_of, drawn, square_of, unhurt
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
    return "\n".join([*not_right(CASE, after), *(apart.text for apart in not_like(seen(), after))])


def test_every_square_comes_before_any_comes_again() -> None:
    """The same for the same seed; a role that nothing plays, or a moment that never comes, is not drawn."""
    cases = drawn(7, len(SQUARES) + 3)
    assert cases == drawn(7, len(SQUARES) + 3)
    assert {square for square, _ in cases[: len(SQUARES)]} == set(SQUARES)
    assert len(SQUARES) == 4 * 3 * 2 * 4
    for square, case in cases:
        (strike,) = case.strikes
        assert strike.hit == "KILL"
        assert case.in_compose == (square.whose == "compose")
        assert case.broker.endswith(square.kind)
        assert case.broker.startswith("own") == (square.whose == "embedded")
        waits = square.whose in ("external", "compose")
        assert case.workers == ("external" if waits else "embedded")
        assert (strike.role == "external worker") == (square.killed == "worker" and waits)
        assert case.drivers == 2 or strike.role != "remote driver"
        assert case.is_given(strike) == (
            strike.role in ("external worker", "remote driver")
            or (square.killed == "broker" and square.whose != "embedded")
        )


def test_drivers_of_compose_wait_on_its_redis_alone() -> None:
    """On RabbitMQ, that of the harness itself is killed."""
    for square, case in drawn(3, len(SQUARES)):
        if square.killed == "driver" and square.whose == "compose":
            assert case.strikes[0].role == ("remote driver" if square.kind == "redis" else "driver")
            assert case.drivers == (2 if square.kind == "redis" else 1)


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


def test_a_difference_is_one_from_clean_runs_before_and_after_it() -> None:
    """In the same direction: a machine that gets slower meanwhile is no finding."""
    slow, slower = (seen(tuple(rate / times for rate in RATES)) for times in (2, 4))
    assert not_like_both(seen(), seen(), slow) != []
    assert not_like_both(seen(), slower, slow) == []
    assert not_like_both(seen(), slow, slow) == []
    assert "other slots" in not_like_both(seen(), seen(), seen(had_slots=4))[0]


class Noted(Fleet):
    """Tries as it is told, instead of running anything."""

    def __init__(self, *tries: Tried) -> None:
        super().__init__(Path())
        self.tries = list(tries)

    def _tried(self, case: Case) -> Tried:
        return self.tries.pop(0)


def test_a_difference_on_a_busy_machine_is_one_if_it_is_there_again() -> None:
    """What others do not explain, is one at once."""
    busy, alone, none = (
        Tried(seen(), [], ["slower"], was_busy=True),
        Tried(seen(), [], ["slower"], was_busy=False),
        Tried(seen(), [], [], was_busy=False),
    )
    assert Noted(busy, none).one(CASE).found == []
    assert Noted(busy, busy, busy).one(CASE).found == ["slower"]
    assert Noted(alone).one(CASE).found == ["slower"]
    assert Noted(Tried(seen(), ["lost"], ["slower"], was_busy=True)).one(CASE).found == ["lost", "slower"]


def test_what_came_too_late_on_a_busy_machine_is_done_again() -> None:
    """Nothing else that was found is."""
    late, lost = "trial 2 failed: the broker x did not answer within 3 s. Is it overloaded or stopped?", "1 lost"
    busy = seen(doubts=[Doubt(kind="noisy-machine", text="busy", advice="wait")])
    assert of_load([late, lost], seen(), busy) == ([lost], [late])
    assert of_load([late, lost], seen(), seen()) == ([late, lost], [])


def test_others_on_the_machine_are_known_by_doubts() -> None:
    """Of any trial."""
    assert not is_disturbed(seen())
    assert is_disturbed(seen(doubts=[Doubt(kind="noisy-machine", text="busy", advice="wait")]))


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


def test_a_square_is_found_by_what_is_printed_of_it() -> None:
    """Another text says which words there are."""
    assert square_of("worker,in,redis,external") == Square("worker", "in", "redis", "external")
    with pytest.raises(ValueError, match="before in after"):
        square_of("worker,inn,redis,external")
