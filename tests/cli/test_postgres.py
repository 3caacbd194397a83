"""Runs of sql_query, as a user makes them."""

from pathlib import Path

import pytest

from harness.results import store
from tests.cli.conftest import BARE, Workbench

RUN = ("run", BARE, "-w", "sql_query", "-w", "sleep", "-c", "asyncio:2", "-c", "celery-threads:2")
TIMES = ("--load", "open:20/s", "--rounds", "1", "--duration", "500ms")


@pytest.mark.usefixtures("postgres_server")
def test_sql_query_runs_on_a_server_of_the_runs_own(workbench: Workbench, tmp_path: Path) -> None:
    """Its usage is there, its password nowhere."""
    ended = workbench(*RUN, *TIMES, "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    for cell in store.read(tmp_path / "run").cells:
        (trial,) = cell.trials
        assert trial.ok == trial.submitted > 0
        assert (trial.usage.origin is not None) == (cell.workload == "sql_query")
    files = [file for file in (tmp_path / "run").rglob("*") if file.is_file()]
    assert not any("postgresql://" in file.read_text(errors="ignore") for file in files)


def test_a_server_that_does_not_answer_is_exit_3(workbench_here: Workbench, tmp_path: Path) -> None:
    """With what to do, and without the password."""
    url = "postgresql://me:sesame@127.0.0.1:1/db"
    ended = workbench_here(*RUN, *TIMES, "--postgres", url, "-o", str(tmp_path / "run"))
    assert ended.status == 3
    assert "Is --postgres right?" in ended.err
    assert "sesame" not in ended.err
