"""A run in which real processes are killed: what it says was lost is what had begun; nothing is left of it."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import BARE, Start
from tests.running import ended

WORK = ("-w", "side_effect", "--set", "side_effect.seconds=0.3", "--rounds", "1")


def crashes(folder: Path) -> dict[str, dict[str, Any]]:
    """The account of each cell's only trial, by contender and fault."""
    cells = json.loads((folder / "results.json").read_text())["cells"]
    return {
        f"{cell['contender']}{''.join(cell['tuning'])} {cell['load']['fault']}": trial["crash"]
        for cell in cells
        for trial in cell["trials"]
        if trial["status"] == "measured"
    }


def test_an_application_that_is_killed_loses_all_unless_it_writes_down(start: Start, tmp_path: Path) -> None:
    """And one that is told to end has ended what it had accepted, where its code does so."""
    contenders = ("-c", "asyncio:2", "-c", "asyncio+write-ahead:2", "-c", "asyncio+graceful-drain:2")
    loads = ("--load", "crash:kill-app@4:burst:4", "--load", "crash:term-app@4:burst:4")
    command = start("run", BARE, *WORK, *contenders, *loads, "-o", str(tmp_path / "run"))
    command.until(lambda: bool(command.child("fork_server")), "the drivers' start")
    tree = command.tree()
    assert command.ended().status == 0
    found = crashes(tmp_path / "run")
    assert {name: (crash["lost"], crash["done"]) for name, crash in found.items()} == {
        "asyncio kill-app": (4, 0),
        "asyncio term-app": (4, 0),
        "asynciowrite-ahead kill-app": (0, 4),
        "asynciowrite-ahead term-app": (0, 4),
        "asynciograceful-drain kill-app": (4, 0),
        "asynciograceful-drain term-app": (0, 4),
    }
    again = found["asynciowrite-ahead kill-app"]
    assert again["repeated"] == again["repeated_seen"] == 2  # those in its two slots
    assert all(ended(process.pid) for process in tree)


def test_a_killed_worker_loses_what_it_had_begun_or_repeats_it(start: Start, tmp_path: Path) -> None:
    """By when it acknowledges; what it had prefetched waits for the visibility timeout either way."""
    contenders = ("-c", "celery-threads:2", "-c", "celery-threads+acks-late+short-visibility:2")
    load = ("--load", "crash:kill-worker@4:burst:4")
    command = start("run", BARE, *WORK, *contenders, *load, "-o", str(tmp_path / "run"))
    assert command.ended().status == 0
    found = crashes(tmp_path / "run")
    early, late = found["celery-threads kill-worker"], found["celery-threadsacks-lateshort-visibility kill-worker"]
    assert (early["lost"], early["held"], early["repeated_seen"], early["visibility_timeout_s"]) == (2, 2, 0, 3600.0)
    assert (late["lost"], late["waiting"], late["done"], late["repeated_seen"]) == (0, 0, 4, 2)
