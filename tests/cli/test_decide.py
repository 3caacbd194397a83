"""`workbench decide` as a user types it: a short decision on real workers, and what ends it early or before."""

import json
import os
import signal
from pathlib import Path

import pytest

from harness.results import store
from harness.results.decision import ALONE, FULL, LOOK, RATE
from tests.cli.conftest import Start, Workbench

SHORT = ("--pool", "threads", "--slots", "4", "--time", "45s", "--seed", "1")


def test_a_decision_ends_with_a_card(workbench: Workbench, tmp_path: Path) -> None:
    """On a cheap job: all phases, the card first on every page, and the whole document on standard output."""
    ended = workbench(
        "decide", "sleep", "--set", "sleep.seconds=0.02", *SHORT, "--rate", "40/s", "-o", "run", "--json", "-"
    )
    assert ended.status == 0, ended.err
    document = json.loads(ended.out)
    decision = document["run"]["decision"]
    assert decision["job"] == "sleep"
    assert [(pool["contender"], pool["taken"]) for pool in decision["pools"]] == [("celery-threads:4", True)]
    assert (decision["rate_per_s"], decision["rate_from"]) == (40.0, "as given")
    assert decision["replies"].startswith("equal: ")
    assert [function["side"] for function in decision["functions"]] == ["asyncio", "celery"]
    assert decision["spoilers"] == []
    views = {view["name"] for view in document["run"]["views"]}
    assert views == {LOOK, ALONE, FULL, RATE}
    issued = [trial["issued"] for cell in document["cells"] for trial in cell["trials"]]
    assert all(issued)
    assert "It calls the job at most 100,000 times" in ended.err
    card = ended.err[ended.err.index("Celery or asyncio? sleep at 40/s") :]
    assert max(map(len, card.splitlines())) <= 80
    assert "celery-threads:4" in card
    for file in ("report.md", "report.html"):
        text = (tmp_path / "run" / file).read_text()
        assert "lost at a crash" in text
        assert text.index("lost at a crash") < text.index("How to read it")
    assert store.read(tmp_path / "run").run.decision is not None


def test_ctrl_c_leaves_a_document_and_its_reports(start: Start, tmp_path: Path) -> None:
    """Exit status 130; the card has what was known."""
    command = start("decide", "sleep", *SHORT, "-o", "run")
    command.until(lambda: "[1/" in command.said(), "the first trial")
    os.kill(command.process.pid, signal.SIGINT)
    ended = command.ended()
    assert ended.status == 130
    assert "What was measured is saved in run" in ended.err
    assert "Celery or asyncio? sleep" in ended.out
    results = store.read(tmp_path / "run")
    assert results.run.status == "interrupted"
    assert (tmp_path / "run" / "report.html").exists()


def test_a_job_of_the_users_own_is_asked_for_first(workbench_here: Workbench, tmp_path: Path) -> None:
    """What it calls, only its author knows; work of the workbench calls what the run starts."""
    (tmp_path / "my_job.py").write_text(
        "from workloads.job import Job\nasync def fetch(n): return n\nJOB = Job(coroutine=fetch, payloads=[1])\n"
    )
    ended = workbench_here("decide", "my_job.py")
    assert ended.status == 2
    assert "add --yes" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected JOB, or --coroutine and --task"),
        (["slep", "--yes"], "Did you mean 'sleep'?"),
        (["sleep", "--rate", "fast", "--yes"], "--rate: expected a rate above 0, such as 120/s; got 'fast'"),
        (["sleep", "--p99", "3", "--yes"], "--p99"),
        (["sleep", "--pool", "thread", "--yes"], "Did you mean 'threads'?"),
        (["sleep", "--set", "sleep.second=1", "--yes"], "Did you mean 'seconds'?"),
        (["sleep", "--task", "shop.tasks:fetch", "--yes"], "JOB and --task exclude each other"),
        (["my_jb.py", "--yes"], "there is no such file"),
    ],
)
def test_bad_usage_is_said_before_anything_is_called(
    workbench_here: Workbench, arguments: list[str], said: str
) -> None:
    """Exit status 2, with the option and the value."""
    ended = workbench_here("decide", *arguments)
    assert ended.status == 2
    assert said in ended.err
