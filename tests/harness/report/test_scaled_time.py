"""A run with a time scale says so: on each table, and once in full, in every format."""

import msgspec
import pytest

from harness import registry
from harness.report import two_runs
from harness.report.scaled_time import beside_scale, scale_in_words
from harness.results.model import Results
from harness.statistics.two_runs import changes, unlike
from tests.builders import cell_of, results_of, summarised


def scaled(scale: int) -> Results:
    """A run of one row."""
    results = results_of([summarised(cell_of("asyncio", [100.0, 101.0], tuning=["eager", f"time-scale-{scale}"]))])
    return msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, time_scale=scale))


@pytest.mark.parametrize("kind", ["markdown", "html", "terminal"])
def test_each_format_says_by_how_much_times_were_shorter(kind: str) -> None:
    """At the table, and what that means."""
    shown = " ".join(str(registry.load("format", kind).render(scaled(60))).split())
    assert ", 60 times as fast" in shown
    assert "a job of 1 s stands for one of 60 s" in shown
    assert "asyncio+eager" in shown
    assert "time-scale-60" not in shown


def test_two_runs_say_it_too() -> None:
    """Rows of two scales have nothing in common."""
    shown = two_runs.build(scaled(60), scaled(60))
    assert shown.sections
    assert all(section.title.endswith(", 60 times as fast") for section in shown.sections)
    assert list(changes(scaled(60), scaled(30))) == []
    assert unlike(scaled(60), scaled(30))[0].startswith("plan: time scale 60 in the base, 30 in the new run")


def test_a_run_in_real_time_says_nothing_of_it() -> None:
    """Neither at its tables nor below."""
    assert beside_scale(scaled(1)) == ""
    assert scale_in_words(scaled(1)) == []
