"""The card of `workbench size`: its figures and its verdict, within 80 columns and in every format."""

import msgspec
import pytest

from harness import registry
from harness.report.card.of_run import any_card
from harness.report.formats.terminal import card_text
from harness.results.model import Proposal, Results, Sizing, Verified
from tests.builders import results_of

PROPOSAL = Proposal(
    contender="celery-prefork",
    side="celery",
    slots=1152,
    processes=18,
    slots_each=64,
    cores=29.1,
    machines=15,
    memory_mb=46_800.0,
    slots_busy=0.69,
    core_busy=0.31,
    caller_cores=2.0,
    broker_busy=1.4,
    broker_calls_per_s=34_000.0,
    broker_most_per_s=1430.0,
    p99_ms=231.4,
    slot_ms=203.0,
    core_ms=0.9,
    cpu_ms=10.2,
    outside_ms=4.2,
)
HELD = Verified(
    contender="celery-threads:8",
    rate_per_s=37.2,
    should_hold=True,
    held=True,
    why="37 of 37 requests/s were served",
    served_per_s=37.2,
    p99_ms=None,
)


def sized(**changes: object) -> Results:
    """A run of it, with four contenders."""
    names = ("asyncio", "celery-prefork", "celery-threads", "celery-gevent")
    proposals = [
        msgspec.structs.replace(
            PROPOSAL,
            contender=name,
            **({"side": "asyncio", "cores": 4.0, "broker_most_per_s": None} if name == "asyncio" else {}),
        )
        for name in names
    ]
    sizing = Sizing(job="sleep", rate_per_s=2000, utilisation=0.7, proposals=proposals)
    results = results_of()
    run = msgspec.structs.replace(results.run, sizing=msgspec.structs.replace(sizing, **changes))
    return msgspec.structs.replace(results, run=run)


def text(results: Results) -> str:
    """As the terminal shows it."""
    card = any_card(results)
    assert card is not None
    return card_text(card)


def test_it_has_a_column_for_each_contender_within_80_columns() -> None:
    """With the largest figures that are meant."""
    lines = text(sized(price=0.04)).splitlines()
    assert lines[0] == "How many do I need? sleep at 2,000/s"
    assert max(map(len, lines)) <= 80
    headline = "Fewest cores: asyncio, 18 event loops of 64 slots, 4.0 cores, 46.8 GB (not verified)."
    assert " ".join(lines[1:3]) == headline
    assert lines[3] == "How sure: computed from what was measured here, and not verified."
    assert "celery-gevent" in lines[5]
    assert any(line.startswith("processes × slots") and line.count("18 × 64") == 4 for line in lines)
    assert any(line.startswith("memory") and line.count("46.8 GB") == 4 for line in lines)


def test_it_says_from_which_rate_one_broker_is_not_enough() -> None:
    """Its one thread; and how many there would have to be."""
    shown = " ".join(text(sized()).split())
    assert "celery-threads: its one thread is the limit from 1,430/s on; at 2,000/s it is 140 % busy" in shown
    assert "2 of them" in shown
    assert "asyncio: its one thread" not in shown


@pytest.mark.parametrize(
    ("held", "begins"), [(True, "- Verified, made smaller to fit this machine:"), (False, "- WRONG:")]
)
def test_what_was_verified_comes_first(held: bool, begins: str) -> None:
    """A proposal that is wrong is called so."""
    verified = [msgspec.structs.replace(HELD, held=held)]
    shown = text(sized(asked_to_verify=True, verified=verified))
    assert shown.splitlines()[1].startswith("Fewest cores: " if held else "WRONG: ")
    assert begins in shown
    assert ("which it should" in shown) is not held


def test_what_others_disturbed_proves_nothing_against_a_proposal() -> None:
    """Nor for it, where it did not go as proposed."""
    disturbed = msgspec.structs.replace(HELD, held=False, disturbed=True)
    results = sized(asked_to_verify=True, verified=[disturbed])
    assert "- Undecided, because others used the machine meanwhile" in text(results)
    assert "(verified: undecided)." in " ".join(text(results).split())
    assert "WRONG" in text(sized(asked_to_verify=True, verified=[disturbed, msgspec.structs.replace(HELD, held=False)]))
    unknown = msgspec.structs.replace(HELD, held=None)
    shown = " ".join(text(sized(asked_to_verify=True, verified=[HELD, unknown])).split())
    assert "- Undecided, because a trial does not tell whether its queue grows" in shown
    assert "is not known to keep up or not (37 of 37" in shown
    assert "- Verified" in text(sized(asked_to_verify=True, verified=[msgspec.structs.replace(HELD, disturbed=True)]))


def test_what_misses_its_limit_is_no_choice() -> None:
    """It is marked, and named."""
    proposals = [msgspec.structs.replace(PROPOSAL, misses=True)]
    shown = text(sized(limit_ms=200.0, proposals=proposals))
    assert "231 ms !" in shown
    assert "No number of slots brings the p99 below 200 ms: celery-prefork (231 ms)" in " ".join(shown.split())
    assert "The fewest cores" not in shown


@pytest.mark.parametrize("kind", ["markdown", "html", "json"])
def test_other_formats_have_it_too(kind: str) -> None:
    """Without anything measured, too."""
    shown = registry.load("format", kind).render(sized())
    assert "celery-gevent" in shown
    assert registry.load("format", kind).render(sized(proposals=[], left_out=["celery-threads: no broker"]))
