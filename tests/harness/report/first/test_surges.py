"""The first screen of a surge: who recovered after how long, or what was left without an answer."""

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.report.first.of_run import first_screen
from harness.report.first.screen import FirstScreen
from harness.results.model import Cell, Side, Surge
from tests.builders import cell_of, results_of, summarised, trial_of, view_of

SAME = (2.0, 2.1, 2.0, 1.9, 2.0)
LATER = (3.0, 3.1, 3.0, 2.9, 3.0)


def cell(contender: str, recovered_s: tuple[float | None, ...], unanswered: int = 0, cpu_s: float = 1.0) -> Cell:
    """A cell of as many trials, of three boots."""
    trials = [
        trial_of(
            number,
            boot=min(number, 3),
            surge=Surge(peak=100, recovered_s=after, watched_s=20.0),
            submitted=1000,
            ok=1000 - unanswered,
            cpu_s_per_1000=cpu_s * (1 + number / 1000),
        )
        for number, after in enumerate(recovered_s, start=1)
    ]
    side: Side = "celery" if contender.startswith("celery") else "asyncio"
    load = parse_load("surge:50/s*4", "").describe()
    return summarised(cell_of(contender, load=load, trials=trials, id=contender, side=side))


def screen_of(*cells: Cell) -> FirstScreen:
    """Of a run of these."""
    document = results_of(list(cells))
    return first_screen(msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, views=[view_of()])))


@pytest.mark.parametrize(
    ("asyncio", "celery", "headline", "use"),
    [
        (
            cell("asyncio", SAME),
            cell("celery-threads", LATER),
            "asyncio:16 recovered after 2.0 s, celery-threads:16 after 3.0 s.",
            "asyncio:16: the first to recover",
        ),
        (
            cell("asyncio", SAME),
            cell("celery-threads", SAME),
            "undecided who recovers sooner: asyncio:16 2.0 s, celery-threads:16 2.0 s.",
            "undecided which recovers sooner",
        ),
        (
            cell("asyncio", SAME, unanswered=10),
            cell("celery-threads", LATER),
            "celery-threads:16 recovered after 3.0 s, asyncio:16 left 50 of 5,000 unanswered.",
            "celery-threads:16: the only one that answered everything and recovered",
        ),
        (
            cell("asyncio", (*SAME[:4], None)),
            cell("celery-threads", (None,) * 5),
            "asyncio:16 recovered 4 times of 5, celery-threads:16 did not recover.",
            "not decided by this run",
        ),
    ],
)
def test_the_headline_says_who_recovered(asyncio: Cell, celery: Cell, headline: str, use: str) -> None:
    """Nothing is ranked by a rate: what was offered decides that."""
    screen = screen_of(asyncio, celery)
    assert screen.headline.partition(": ")[2] == headline
    assert screen.certainty.use == use


def test_undecided_are_those_alone_whose_times_overlap() -> None:
    """One that took nine seconds each time is none of them."""
    last = cell("celery-prefork", (9.0, 9.1, 9.0, 9.2, 9.0))
    screen = screen_of(cell("asyncio", SAME), cell("celery-threads", SAME), last)
    assert screen.headline == (
        "surge:50/s*4:2s: undecided who recovers sooner: asyncio:16 2.0 s, celery-threads:16 2.0 s."
    )
    assert screen.certainty.use == "undecided which of asyncio:16 and celery-threads:16 recovers sooner"


def test_the_times_of_all_trials_say_how_sure_that_is() -> None:
    """Not their mean alone."""
    sure = screen_of(cell("asyncio", SAME), cell("celery-threads", LATER)).certainty.sure
    assert sure.startswith("5 rounds; recovered after: asyncio:16 1.9 to 2.1 s, celery-threads:16 2.9 to 3.1 s")


def test_where_both_recover_alike_cpu_decides() -> None:
    """If it is known to differ."""
    use = screen_of(cell("asyncio", SAME), cell("celery-threads", SAME, cpu_s=5.0)).certainty.use
    assert use == "undecided which recovers sooner; asyncio:16 where CPU counts"
