"""A job file that was changed at random is a job, or is refused in one screen: never another error, never a hang.

`MUTATIONS=1000` tries more of them, as in `tests/test_mutations.py`. Each is looked at in processes of its own.
"""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given

from harness.errors import UsageError
from harness.jobs import registered
from harness.plan.own_jobs import compared, job_of
from tests.mutations import mutated_source
from tests.test_mutations import SEEDS, bounded, pytestmark  # noqa: F401

SOURCE = '''"""A shop's job."""

import asyncio
from contextlib import asynccontextmanager

from celery import Celery
from workloads.job import Job

app = Celery("shop", broker="redis://127.0.0.1:1/0")
app.conf.task_acks_late = True


@asynccontextmanager
async def client():
    yield {"base": 5}


async def fetch(shared, n, text="x"):
    await asyncio.sleep(0)
    return {"n": n + shared["base"], "text": text, "all": [n, None]}


@app.task(autoretry_for=(OSError,), max_retries=2)
def fetch_task(n, text="x"):
    return {"n": n + 5, "text": text, "all": [n, None]}


def check(payload, reply):
    return None if reply["n"] else "no n"


def payload(n):
    return {"n": n, "text": str(n)}


JOB = Job(coroutine=fetch, task=fetch_task, resources=client, payloads=payload, check=check, ignore=["all"], rate="5/s")
'''
LINES_MOST, CHARACTERS_MOST = 24, 4000
"""A screen."""


def outcome(source: str) -> str:
    """The refusal; empty where it is a job whose sides could be called."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(registered, "_jobs", {})
        Path("my_job.py").write_text(source, "utf-8")
        try:
            compared(job_of("my_job.py"), 2)
        except UsageError as error:
            return str(error)
    return ""


@bounded(1)
@given(SEEDS)
def test_a_mutated_job_file_is_a_job_or_refused_in_a_screen(seed: int) -> None:
    """By its name."""
    said = outcome(mutated_source(SOURCE, random.Random(seed)))
    assert len(said.splitlines()) <= LINES_MOST
    assert len(said) <= CHARACTERS_MOST
    assert not said or "my_job" in said
