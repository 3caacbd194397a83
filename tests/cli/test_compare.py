"""`workbench compare`, as a CI job calls it."""

import json
from pathlib import Path

import pytest

from harness.results import store
from tests.builders import document_of
from tests.cli.conftest import Workbench


@pytest.fixture
def runs(tmp_path: Path) -> tuple[str, str]:
    """The same run twice."""
    for name in ("base", "new"):
        store.write(tmp_path / f"{name}.json", document_of("quick"))
    return str(tmp_path / "base.json"), str(tmp_path / "new.json")


def test_a_run_against_itself_passes_its_gates(workbench: Workbench, runs: tuple[str, str], tmp_path: Path) -> None:
    """Exit 0, no difference; any format that shows tables, to a file too."""
    ended = workbench("compare", *runs, "--fail-on", "throughput:5%", "--fail-on", "http_date/asyncio:cpu:10%")
    assert ended.status == 0, ended.err
    assert "The new run is as fast in 9 of 9 comparisons." in ended.out
    assert "Gates passed" in ended.out
    page = workbench("compare", *runs, "--format", "html", "-o", str(tmp_path / "page.html"))
    assert page.status == 0
    assert "The new run is as fast in 9 of 9 " in (tmp_path / "page.html").read_text()


def test_a_failed_gate_is_exit_1_and_an_unmatched_one_exit_2(
    workbench: Workbench, runs: tuple[str, str], tmp_path: Path
) -> None:
    """Each with its reason."""
    document = json.loads(Path(runs[1]).read_text())
    for cell in document["cells"]:
        for trial in cell["trials"]:
            trial["throughput_per_s"] *= 0.8
    Path(runs[1]).write_text(json.dumps(document))
    failed = workbench("compare", *runs, "--fail-on", "throughput:5%")
    assert failed.status == 1
    assert "gate throughput:5% FAILED: http_date asyncio:16 closed:32" in failed.out
    unmatched = workbench("compare", *runs, "--fail-on", "p99:5%")
    assert unmatched.status == 2
    assert "no cell of both runs" in unmatched.err


def test_unlike_runs_are_refused_unless_forced(workbench_here: Workbench, runs: tuple[str, str]) -> None:
    """With what differs, either way; documents that cannot be read, too."""
    document = json.loads(Path(runs[1]).read_text())
    document["environment"]["cpus"] = 64
    Path(runs[1]).write_text(json.dumps(document))
    refused = workbench_here("compare", *runs)
    assert refused.status == 2
    assert "CPUs: 2 in the base, 64 in the new run" in refused.err
    forced = workbench_here("compare", *runs, "--force")
    assert forced.status == 0
    assert "CPUs: 2 in the base, 64 in the new run" in forced.out
    document["schema"] = "workbench/9.0"
    Path(runs[1]).write_text(json.dumps(document))
    assert workbench_here("compare", *runs).status == 2
    assert workbench_here("compare", runs[0], "nowhere").status == 2
    assert workbench_here("compare", *runs, "--format", "csv").status == 2
