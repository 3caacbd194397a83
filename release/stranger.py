"""A folder of somebody else's: a job, and packages whose names the workbench, Celery and redis-py have too."""

from pathlib import Path

NAMES = ("workloads", "harness", "origin", "plans", "asyncio_side", "celery_side")
MODULES = ("redis", "celery", "kombu", "numpy")
TRAP = 'raise RuntimeError("a module of the current folder was imported in the place of an installed one")\n'
JOB = '''"""A job as its owner has it."""

import asyncio


async def fetch(n: int) -> dict[str, int]:
    """Wait a little."""
    await asyncio.sleep(0.01)
    return {"n": n}


PAYLOADS = [1, 2, 3]
'''
TASKS = '''"""Its task."""

import time

from celery import Celery

app = Celery("shop")


@app.task(acks_late=True)
def fetch(n: int) -> dict[str, int]:
    """Wait as long."""
    time.sleep(0.01)
    return {"n": n}
'''
PAYLOADS = "1\n2\n3\n"
DECIDE = ("--coroutine", "shop.client:fetch", "--task", "shop.tasks:fetch", "--payloads", "payloads.jsonl")


def furnish(folder: Path) -> None:
    """Write it all into an empty folder."""
    for name in NAMES:
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(TRAP, "utf-8")
    for name in MODULES:
        (folder / f"{name}.py").write_text(TRAP, "utf-8")
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").write_text('"""A shop."""\n', "utf-8")
    (folder / "shop" / "client.py").write_text(JOB, "utf-8")
    (folder / "shop" / "tasks.py").write_text(TASKS, "utf-8")
    (folder / "payloads.jsonl").write_text(PAYLOADS, "utf-8")
