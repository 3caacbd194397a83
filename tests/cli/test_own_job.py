"""A job of the user's own, in a package outside the workbench, through the real command."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.results import store
from harness.results.model import Cell
from tests.cli.conftest import BARE, Start, Workbench

APPLICATION = """
import os
from celery import Celery
app = Celery("shop", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(worker_prefetch_multiplier=2, task_default_queue="web")
app.conf.task_routes = {"shop.*": {"queue": "web", "priority": 1}}
"""
TASKS = """
import os, time
from shop.app import app
@app.task(bind=True, acks_late=True, autoretry_for=(OSError,), max_retries=5, default_retry_delay=0)
def fetch(self, n):
    if n == 3 and not self.request.retries:
        raise OSError("once")
    with open(os.environ["SHOP_CALLS"], "a") as calls:
        calls.write("c")
    return {"n": n, "by": "celery"}
"""
CLIENT = """
import asyncio, os
async def fetch(n):
    await asyncio.sleep(0.001)
    with open(os.environ["SHOP_CALLS"], "a") as calls:
        calls.write("a")
    return {"n": n, "by": "asyncio"}
"""
JOB = """
from workloads.job import Job
JOB = Job(coroutine="shop.client:fetch", task="shop.tasks:fetch", payloads=[1, 2, 3, 4], ignore=["by"])
"""
RUN = ("--load", "closed:4", "--requests", "20", "--rounds", "1", "--repeats", "0", "-o", "run")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The package of a user, in the folder where commands are started."""
    files = {"app.py": APPLICATION, "tasks.py": TASKS, "client.py": CLIENT, "__init__.py": ""}
    (tmp_path / "shop").mkdir()
    for name, text in files.items():
        (tmp_path / "shop" / name).write_text(text)
    (tmp_path / "my_job.py").write_text(JOB)
    return tmp_path


def env_of(shop: Path) -> dict[str, str]:
    """Their application reads its broker from there; the run must not."""
    return {"CELERY_BROKER_URL": "amqp://guest:secret@nowhere.invalid//", "SHOP_CALLS": str(shop / "calls")}


def cell_of(folder: Path, contender: str) -> Cell:
    """The job's cell."""
    (cell,) = [cell for cell in store.read(folder).cells if cell.contender == contender and "my_job" in cell.id]
    return cell


def test_an_own_package_is_measured_with_its_own_application(workbench: Workbench, shop: Path) -> None:
    """One command, no file added; what the run replaced is in the results and under the table; the bound holds.

    The task of payload 3 is tried again each time: that is no duplicate, and the reply is right. What the job starts in
    a session of its own ends with the run.
    """
    for module in ("app.py", "client.py"):
        with (shop / "shop" / module).open("a") as file:
            file.write("import subprocess\nsubprocess.Popen(['sleep', '986544'], start_new_session=True)\n")
    arguments = ("run", BARE, "-w", "my_job.py", "-c", "asyncio:4", "-c", "celery-threads:4", *RUN)
    ended = workbench(*arguments, "--at-most", "60", env=env_of(shop))
    assert ended.status == 0, ended.err
    assert "my_job: 4 payloads tried before the run; both sides gave the same replies" in ended.err
    report = (shop / "run" / "report.md").read_text().replace("\\", "")
    assert "application 'shop' runs with its own settings: acks_late true, prefetch_multiplier 2" in report
    assert "The run replaced broker (amqp), " in report
    document = (shop / "run" / store.DOCUMENT).read_text()
    assert "secret" not in document + report + ended.out + ended.err
    settings = cell_of(shop / "run", "celery-threads").settings
    for said in (settings.asked, settings.effective):
        assert (said["acks_late"], said["prefetch_multiplier"], said["task.max_retries"]) == (True, 2, 5)
    assert (settings.asked["changed.queue"], settings.effective["changed.queue"]) == ("web", "the run's")
    (trial,) = cell_of(shop / "run", "celery-threads").trials
    assert (trial.ok, trial.duplicates, trial.failed, trial.lost) == (20, 0, 0, 0)
    calls = (shop / "calls").read_text()
    assert (calls.count("a"), calls.count("c")) == (4 + 1 + 20, 4 + 1 + 20)
    assert "986544" not in subprocess.run(["ps", "ax"], capture_output=True, text=True, check=True).stdout


def test_a_wrong_reply_of_one_side_is_found_before_the_run(workbench: Workbench, shop: Path) -> None:
    """Exit 1, nothing started; where they differ is shown."""
    (shop / "shop" / "tasks.py").write_text(TASKS.replace('"n": n', '"n": n + (n == 4)'))
    arguments = ("run", BARE, "-w", "my_job.py", "-c", "asyncio:4", "-c", "celery-threads:4", *RUN)
    ended = workbench(*arguments, env=env_of(shop))
    assert ended.status == 1
    assert "my_job: both sides reply differently to payload 3 at n" in ended.err
    assert not (shop / "run").exists()


def test_a_mistake_ends_with_its_place_before_anything_starts(workbench: Workbench, shop: Path) -> None:
    """Exit 2, in one screen."""
    (shop / "shop" / "tasks.py").write_text("import no_such_library\n")
    ended = workbench("run", "-w", "my_job.py", "-c", "celery-threads:4", *RUN, env=env_of(shop))
    assert ended.status == 2
    assert "shop/tasks.py, line 1: No module named 'no_such_library'" in ended.err
    assert not (shop / "run").exists()


def test_a_django_project_runs_with_its_settings(workbench: Workbench, tmp_path: Path) -> None:
    """Found by DJANGO_SETTINGS_MODULE; its task is shared, its body uses a model."""
    files = {
        "proj/__init__.py": "from .celery import app\n",
        "proj/celery.py": (
            "from celery import Celery\n"
            "app = Celery('proj')\n"
            "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
            "app.autodiscover_tasks()\n"
        ),
        "proj/settings.py": (
            "SECRET_KEY = 'x'\nINSTALLED_APPS = ['blog']\nUSE_TZ = True\n"
            "CELERY_BROKER_URL = 'redis://nowhere.invalid/0'\nCELERY_TASK_ACKS_LATE = True\n"
        ),
        "blog/__init__.py": "",
        "blog/models.py": "from django.db import models\nclass Post(models.Model):\n    title = models.TextField()\n",
        "blog/tasks.py": (
            "from celery import shared_task\nfrom blog.models import Post\n"
            "@shared_task\ndef title(n):\n    return Post(title=str(n)).title\n"
        ),
        "blog/client.py": "from blog.models import Post\nasync def title(n):\n    return Post(title=str(n)).title\n",
        "my_job.py": (
            "from workloads.job import Job\n"
            "JOB = Job(coroutine='blog.client:title', task='blog.tasks:title', payloads=[1, 2])\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    arguments = ("run", BARE, "-w", "my_job.py", "-c", "asyncio:2", "-c", "celery-threads:2", *RUN)
    ended = workbench(*arguments, env={"DJANGO_SETTINGS_MODULE": "proj.settings"})
    assert ended.status == 0, ended.err
    effective: dict[str, Any] = cell_of(tmp_path / "run", "celery-threads").settings.effective
    assert (effective["application"], effective["acks_late"]) == ("proj", True)


def test_workers_elsewhere_have_the_job_from_their_own_command_line(
    start: Start, workbench: Workbench, shop: Path, redis_url: str
) -> None:
    """They are used by runs of the same source alone, and wait for the next afterwards."""
    env = env_of(shop) | {"WORKBENCH_BROKER": redis_url}
    worker = start("worker", "--job", "my_job.py", "--pool", "threads", "--slots", "3", env=env)
    worker.until(lambda: ".> concurrency" in worker.told(), "the worker's start")
    assert "3 slots, waiting for runs of the job my_job" in worker.told()
    arguments = ("run", BARE, "-w", "my_job.py", "-c", "celery-threads", "--workers", "external", *RUN)
    ended = workbench(*arguments, env=env)
    assert ended.status == 0, ended.err
    cell = cell_of(shop / "run", "celery-threads")
    assert (cell.slots, cell.trials[0].ok, cell.settings.effective["acks_late"]) == (3, 20, True)
    (shop / "shop" / "client.py").write_text(CLIENT + "changed = 1\n")  # which the task's side does not import
    (shop / "shop" / "app.py").write_text(APPLICATION + "changed = 1\n")
    ended = workbench(*arguments[:-1], "run2", env=env)
    assert (ended.status, "has another source of the job my_job" in ended.err) == (3, True), ended.err
    assert worker.process.poll() is None
