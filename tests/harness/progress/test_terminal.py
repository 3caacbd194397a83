"""Progress for people: what a line says, and how long it will take."""

import io

import pytest
from rich.console import Console

from harness.progress.progress import Expected
from harness.progress.terminal import Bar, Plain, describe
from tests.builders import cell_of, latency_of, trial_of


def test_a_trial_is_a_line_with_its_place_its_rate_and_what_is_left() -> None:
    """For logs; a path or a bracket in it is no markup."""
    out = io.StringIO()
    plain = Plain(Console(file=out, width=40))
    plain.step("starting [bold]asyncio:16[/bold]")
    plain.expect(Expected(1, 2.0))
    plain.trial_ends(cell_of(), trial_of(1, 1234.5))
    assert out.getvalue().splitlines() == [
        "starting [bold]asyncio:16[/bold]",
        "[1/1] sleep asyncio:16 closed:32: 1,234 requests/s, p50 10 ms, 100 of 100 ok, 0 s to go",
    ]


def test_a_disturbed_trial_is_a_line_that_is_not_counted() -> None:
    """Another one is measured in its place; what a run notes has a line too."""
    out = io.StringIO()
    plain = Plain(Console(file=out, width=40))
    plain.expect(Expected(2, 2.0))
    plain.trial_ends(cell_of(), trial_of(1, 50.0, status="disturbed", error="measured again: others used it"))
    plain.note("no more are repeated")
    plain.trial_ends(cell_of(), trial_of(1, 100.0))
    disturbed, noted, measured = out.getvalue().splitlines()
    assert disturbed == "[0/2] sleep asyncio:16 closed:32: disturbed: measured again: others used it, 4 s to go"
    assert noted == "no more are repeated"
    assert measured.startswith("[1/2] ")


@pytest.mark.parametrize(
    ("trial", "line"),
    [
        (trial_of(0, 50.0), "probe: sleep asyncio:16 closed:32: 50 requests/s, p50 10 ms, 100 of 100 ok"),
        (
            trial_of(1, None, status="failed", error="the worker has ended\nits last lines"),
            "sleep asyncio:16 closed:32: failed: the worker has ended",
        ),
        (trial_of(1, None), "sleep asyncio:16 closed:32: measured: nothing was measured"),
        (trial_of(1, 5.0, latency_ms=None), "sleep asyncio:16 closed:32: 5 requests/s, 100 of 100 ok"),
        (trial_of(1, 5.0, ok=3, lost=97), "sleep asyncio:16 closed:32: 3 of 100 ok"),
    ],
)
def test_a_trial_without_figures_says_why(trial: object, line: str) -> None:
    """The first line of it."""
    assert describe(cell_of(), trial) == line  # type: ignore[arg-type]  # parameters are objects


def test_the_bar_shows_what_runs_now_and_the_latest_rate_of_each_side() -> None:
    """And is gone at the end, with the lines above it left."""
    out = io.StringIO()
    bar = Bar(Console(file=out, width=120, force_terminal=True))
    try:
        bar.step("starting the broker")
        bar.expect(Expected(2, 2.0))
        bar.trial_begins(cell_of(), 1)
        bar.current(cell_of(), 80.0, 12.0)
        bar.current(cell_of("celery-threads", side="celery"), 70.0, None)
        bar.current(cell_of(), 90.0, latency_of(8.0).mean)
        shown = bar.now()
        bar.trial_ends(cell_of(), trial_of(1, 90.0))
    finally:
        bar.end()
    assert shown == [
        "round 1: sleep on asyncio:16, closed:32",
        "now: asyncio 90/s, 8 ms (sleep)   celery 70/s (sleep)",
    ]
    assert "[1/2] sleep asyncio:16 closed:32: 90 requests/s" in out.getvalue()
