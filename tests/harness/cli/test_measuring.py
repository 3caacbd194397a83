"""A run's end: what it says of itself, and what is written whatever happens."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import measuring, signals
from harness.cli.measuring import command_again, measure
from harness.cli.run_options import RunOptions
from harness.errors import InternalError, UsageError, WriteError
from harness.plan.plan import Plan
from harness.results.model import Results
from harness.results.store import Store
from harness.schedule.schedule import FixedRounds
from tests.builders import results_of


@pytest.mark.parametrize(
    ("given", "again"),
    [
        (["run", "quick"], "workbench run quick --seed 5"),
        (["run", "--seed", "5"], "workbench run --seed 5"),
        (["run", "--seed=5"], "workbench run --seed=5"),
        (["run", "-o", "here", "--json", "a.json", "-w", "noop"], "workbench run -w noop --seed 5"),
        (["run", "--output=here", "--json=a.json"], "workbench run --seed 5"),
        (["run", "-ohere", "--origin", "http://h"], "workbench run --origin http://h --seed 5"),
        (["run", "--set", "sleep.draw=a b"], "workbench run --set 'sleep.draw=a b' --seed 5"),
        (["run", "--broker", "rabbitmq", "--broker=redis"], "workbench run --broker rabbitmq --broker=redis --seed 5"),
        (["run", "--broker", "redis://me:secret@h/0"], "workbench run --broker redis://me:***@h/0 --seed 5"),
    ],
)
def test_the_same_command_runs_it_again(given: list[str], again: str) -> None:
    """With its seed, without the places where it was written, and without passwords."""
    assert command_again(given, 5) == again


class EndedRun:
    """A session that has measured, and then ends as `raises` says."""

    raises: Exception | None = None

    def __init__(self, _plan: Plan, _options: object, store: Store, *_rest: object) -> None:
        self._store = store
        self.results: Results | None = None

    async def run(self) -> None:
        """Save a document, then end."""
        self._store.create()
        self.results = results_of()
        self._store.save(self.results)
        if self.raises is not None:
            raise self.raises


Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Measure into `tmp_path/run`; the session is an `EndedRun`."""
    monkeypatch.setattr(measuring, "Session", EndedRun)
    monkeypatch.setattr(measuring, "exit_when_interrupted", lambda: None)  # signals are pytest's
    monkeypatch.setattr(signals, "_ending", list)

    def begin(raises: Exception | None = None, **given: Any) -> int:
        monkeypatch.setattr(EndedRun, "raises", raises)
        options = RunOptions(output=tmp_path / "run", **given)
        return measure(options, Plan(name="plan", view=[]), FixedRounds(), "plan")

    return begin


def test_an_unexpected_exception_costs_no_report(run: Run, tmp_path: Path) -> None:
    """All reports are written; the traceback is in the run's logs, and the message names the file."""
    with pytest.raises(InternalError) as raised:
        run(KeyError("slots"))
    log = tmp_path / "run" / "logs" / "internal-error.log"
    assert str(raised.value) == f"internal error: KeyError: 'slots'. The traceback is in {log}; please report it."
    assert "KeyError" in log.read_text("utf-8")
    assert {file.name for file in (tmp_path / "run").iterdir()} >= {"results.json", "report.md", "report.html"}


def test_a_place_that_cannot_be_written_ends_the_command_before_the_run(run: Run, tmp_path: Path) -> None:
    """Nothing is measured for a --json that could not be kept."""
    with pytest.raises(UsageError, match=r"--json .*nowhere/a\.json: cannot be written: No such file or directory"):
        run(json=tmp_path / "nowhere" / "a.json")
    assert not (tmp_path / "run").exists()


def test_json_to_standard_output_is_the_document_and_nothing_else(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables go to standard error."""
    run(json=Path("-"))
    captured = capsys.readouterr()
    assert json.loads(captured.out)["run"]["plan"] == results_of().run.plan
    assert "Written to" in captured.err


def test_a_report_that_cannot_be_written_costs_no_other(run: Run, tmp_path: Path) -> None:
    """The others are written, the tables printed; then the error."""
    (tmp_path / "run" / "report.md").mkdir(parents=True)
    with pytest.raises(WriteError, match=r"report\.md cannot be written: Is a directory"):
        run()
    assert (tmp_path / "run" / "report.html").exists()
    assert not list((tmp_path / "run").glob(".report.md*"))
