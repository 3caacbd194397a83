"""The list of runs: which two are chosen to be compared, and that each is there whatever is wrong with another one."""

from pathlib import Path

import msgspec
import pytest

from harness.report import run_list
from harness.report.first.of_run import first_screen
from harness.report.first.screen import FirstScreen
from harness.report.run_list import ListedRun, listed, to_compare
from harness.results import store
from harness.results.model import Results
from tests.builders import cell_of, results_of


def run(identity: str, *rows: int, status: str = "done") -> ListedRun:
    """With these rows."""
    return ListedRun(identity, f"/runs/{identity}/", status=status, rows=frozenset(rows))


def test_the_newest_two_that_measured_some_of_the_same_are_chosen() -> None:
    """A run that goes on would be compared by half of its rounds."""
    runs = [run("going", 1, status="running"), run("other", 2), run("new", 1, 3), run("base", 1), run("older", 1)]
    chosen = to_compare(runs)
    assert chosen is not None
    assert [each.id for each in chosen] == ["base", "new"]
    assert to_compare([run("a", 1), run("b", 2)]) is None


def test_a_run_of_which_nothing_can_be_said_is_listed_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason: no list is lost to one of its runs."""
    for name in ("bad", "good"):
        made = results_of([cell_of()])
        store.publish(tmp_path / name, msgspec.structs.replace(made, run=msgspec.structs.replace(made.run, id=name)))

    def failing(results: Results) -> FirstScreen:
        if results.run.id == "bad":
            raise IndexError("list index out of range")
        return first_screen(results)

    monkeypatch.setattr(run_list, "first_screen", failing)
    said = {run.id: run.error for run in listed(tmp_path)}
    assert said["good"] is None
    assert said["bad"] == "internal error, nothing can be said of it: IndexError: list index out of range"
