"""Runs that go well: what they print, write and return."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.results import store
from tests.cli.conftest import BARE, Command, Ended, Workbench

TABLES = ("terminal", "markdown", "html")
FAKE = ("run", "-w", "sleep", "-w", "noop", "-c", "fake:8", "--load", "closed:16", "--rounds", "2", "--duration", "1s")


class Fakes(NamedTuple):
    """A run of `fake` in virtual time, and where it was written."""

    ended: Ended
    folder: Path
    copy: Path


@pytest.fixture(scope="module")
def fakes(tmp_path_factory: pytest.TempPathFactory) -> Fakes:
    """Run once for all that read it."""
    folder = tmp_path_factory.mktemp("fakes")
    arguments = (*FAKE, f"--output={folder}/run", "--json", str(folder / "copy.json"))
    return Fakes(Command(folder, arguments, {}).ended(), folder / "run", folder / "copy.json")


def test_a_run_prints_its_tables_and_says_where_the_results_lie(fakes: Fakes) -> None:
    """Exit 0; a row for each cell; the document, the report and the copy that --json asked for."""
    assert fakes.ended.status == 0, fakes.ended.err
    assert "sleep — " in fakes.ended.out
    assert f"Written to {fakes.folder}: results.json" in fakes.ended.out
    assert "[6/6]" in fakes.ended.err
    assert (fakes.folder / "report.md").read_text().startswith("# Only fake:8 was measured")
    assert "<title>Celery or asyncio? sleep, noop × fake:8" in (fakes.folder / "report.html").read_text()
    assert store.read(fakes.folder) == store.read(fakes.copy)


def test_the_command_of_a_run_makes_the_same_figures_again(fakes: Fakes, workbench: Workbench, tmp_path: Path) -> None:
    """With its seed, without the places where it was written, and quietly; in virtual time exactly at the ceiling."""
    run, cells = store.read(fakes.folder).run, store.read(fakes.folder).cells
    assert run.command == f"workbench {' '.join(FAKE)} --seed {run.seed}"
    again = workbench(*run.command.split()[1:], "--quiet", "-o", str(tmp_path / "again"))
    assert (again.status, again.out, again.err) == (0, "", "")
    assert store.read(tmp_path / "again").cells == cells
    assert [trial.throughput_per_s for trial in cells[0].trials] == [160.0, 160.0]


def test_a_number_of_requests_is_measured_exactly(workbench: Workbench, tmp_path: Path) -> None:
    """`--requests` counts the requests of each trial's window."""
    contenders = ("-c", "fake:2", "-c", "asyncio:2")
    arguments = ("run", BARE, "-w", "noop", *contenders, "--load", "closed:4", "--requests", "321", "--rounds", "2")
    assert workbench(*arguments, "-o", str(tmp_path / "run")).status == 0
    for cell in store.read(tmp_path / "run").cells:
        assert [trial.ok for trial in cell.trials] == [321, 321]


def test_report_renders_what_the_run_printed(fakes: Fakes, workbench_here: Workbench) -> None:
    """The same figure reads the same in each format."""
    texts = {name: workbench_here("report", str(fakes.folder), "--format", name) for name in TABLES}
    assert all(text.status == 0 for text in texts.values())
    assert all("160.0" in text.out and "8,000" in text.out for text in texts.values())
    document = json.loads(workbench_here("report", str(fakes.folder), "--format", "json").out)
    assert document["cells"][0]["summary"]["throughput_per_s"] == pytest.approx(160.0)


def test_a_shipped_plan_is_found_from_any_folder(workbench_here: Workbench) -> None:
    """`quick` and `full` are names, not paths."""
    ended = workbench_here("list", "plans")
    assert ended.status == 0
    assert "quick" in ended.out
    assert "full" in ended.out


def test_list_shows_every_parameter_with_its_default(workbench_here: Workbench) -> None:
    """What can be set, and to what it is set without."""
    ended = workbench_here("list")
    for words in ("--set sleep.seconds=0.05", "celery-gevent", "closed:N", "open:R/s", "urllib3, requests"):
        assert words in ended.out


def test_doctor_says_what_is_there_and_what_to_do(workbench: Workbench) -> None:
    """Exit 0 where a run is possible, 3 where the broker asked for is not."""
    ended = workbench("doctor")
    assert ended.status == 0
    for words in ("Python", "Redis", "cores", "governor", "load from others"):
        assert words in ended.out
    missing = workbench("doctor", "--broker", "redis://:sesame@127.0.0.1:1/0")
    assert missing.status == 3
    assert "could not be reached" in missing.out
    assert "sesame" not in missing.out


def test_a_window_in_which_nothing_was_due_says_so(workbench: Workbench, tmp_path: Path) -> None:
    """A run without a figure is no success; the message says what to change."""
    arguments = ("run", BARE, "-w", "sleep", "--set", "sleep.seconds=400", "-c", "fake:2", "--load", "closed:2")
    ended = workbench(*arguments, "--rounds", "1", "--duration", "1s", "-o", str(tmp_path / "run"))
    assert ended.status == 1
    assert "measure longer" in ended.out


def test_an_unknown_report_format_is_exit_2(fakes: Fakes, workbench_here: Workbench) -> None:
    """With the ones that are there: a new file in `harness/report/formats/` is one of them without further ado."""
    ended = workbench_here("report", str(fakes.folder), "--format", "markdwn")
    assert ended.status == 2
    assert "Did you mean 'markdown'?" in ended.err


def test_several_drivers_make_one_load(workbench: Workbench, workbench_here: Workbench, tmp_path: Path) -> None:
    """Each request is reconciled by its id; what cannot be spread has one driver."""
    loads = ("--load", "closed:8", "--load", "open:40/s", "--load", "drain:12", "--duration", "500ms", "--rounds", "1")
    arguments = ("run", BARE, "-w", "sleep", "-c", "asyncio:4", "-c", "celery-threads:4", *loads, "--drivers", "2")
    ended = workbench(*arguments, "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    for cell in store.read(tmp_path / "run").cells:
        assert cell.drivers == (2 if cell.load.text in ("closed:8", "open:40/s") else 1)
        assert len(cell.trials) == 1
        for trial in cell.trials:
            assert trial.ok == trial.submitted > 0
            assert trial.usage.driver is not None
            assert trial.usage.driver.processes == cell.drivers
            if cell.side == "celery":
                assert cell.settings.effective["tasks"] == ["sleep"]  # what a worker has in sys.modules
                assert trial.duplicates == 0
                assert trial.executions is not None
                assert trial.executions > trial.submitted  # the first request is executed before anything is timed
    assert "asyncio:4 ×2" in ended.out
    assert workbench_here(*arguments, "--requests", "10", "-o", str(tmp_path / "other")).status == 2
