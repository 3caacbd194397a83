"""A job is looked at in processes of their own: what it does there ends with them, and is said in one message."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from harness.errors import UsageError
from harness.jobs import registered
from harness.plan.asked import Asked
from harness.plan.making import make_plan
from harness.plan.own_jobs import NAME, job_of, workload_named
from tests.running import ended

OK = """
from workloads.job import Job
async def fetch(n):
    return n
JOB = Job(coroutine=fetch, payloads=[1])
"""
MARK = f"986543.{os.getpid()}"
"""Seconds of a sleep by which a process of these tests is known."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's folder is the current one; no job is registered; nothing of the job runs afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registered, "_jobs", {})
    yield tmp_path
    left = {process.pid: command_of(process) for process in psutil.process_iter()}
    assert not [line for pid, line in left.items() if (MARK in line or str(tmp_path) in line) and not ended(pid)]


def command_of(process: psutil.Process) -> str:
    """Empty for one that has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\nos._exit(0)\n", r"ended its process \(exit status 0\). Its last lines:\n    \(it wrote nothing\)"),
        ("import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)\n", r"ended its process \(killed by SIGKILL\)"),
        (
            "import ctypes\n\nctypes.string_at(0)\n",
            r"ended its process \(killed by SIGSEGV\): my_job.py, line 3: Fatal Python error: Segmentation fault",
        ),
        ("class Odd(BaseException): ...\nraise Odd('why')\n", r"my_job.py\", line 2, in <module>[^$]*Odd: why"),
    ],
)
def test_a_process_that_ends_itself_is_one_message(here: Path, text: str, message: str) -> None:
    """With the place, where it is known."""
    (here / "my_job.py").write_text(text)
    with pytest.raises(UsageError, match=message) as raised:
        job_of("my_job.py")
    assert len(str(raised.value).splitlines()) < 20


def test_what_a_job_starts_when_it_is_imported_ends_with_its_process(here: Path) -> None:
    """Threads that nobody ends, processes in a session of their own, a copy of itself; what is printed is not shown."""
    (here / "my_job.py").write_text(
        "import atexit, os, subprocess, sys, threading, time\n"
        "print('hello')\n"
        f"threading.Thread(target=time.sleep, args=({MARK},)).start()\n"
        f"atexit.register(time.sleep, {MARK})\n"
        f"subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)\n"
        "os.chdir('/')\n"
        "sys.stdout.close()\n" + OK
    )
    begun = time.monotonic()
    assert job_of("my_job.py").name == "my_job"
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("folder.py", "it is a folder; name the file that declares the job"),
        ("folder", "it is a folder; name the file that declares the job"),
        ("lost.py", "it is a link to a file that does not exist"),
        ("my_jop.py", "there is no such file. Did you mean my_job.py"),
        ("sleep:seconds=0.5", "Did you mean -w sleep --set sleep.seconds=0.5?"),
        ("my_job", "there is no workload of that name. Did you mean my_job.py"),
    ],
)
def test_what_is_no_file_of_a_job_is_said(here: Path, given: str, message: str) -> None:
    """Before any process is started."""
    (here / "my_job.py").write_text(OK)
    for name in ("folder", "folder.py"):
        (here / name).mkdir()
    (here / "lost.py").symlink_to("nowhere.py")
    with pytest.raises(UsageError, match=message):
        workload_named(given, Asked())


def test_a_plan_names_jobs_as_the_command_line_does(here: Path) -> None:
    """What is wrong with one has its place in the plan; a plan of which the workloads are replaced asks for none."""
    (here / "mine.toml").write_text(
        '[[view]]\nname = "both"\nworkloads = ["sleep", "my_jop.py"]\ncontenders = ["asyncio:2"]\nloads = ["closed:2"]'
    )
    with pytest.raises(UsageError, match=r"plan mine.toml, view 'both', workloads my_jop.py: there is no such file"):
        make_plan(Asked(plan="mine.toml"))
    assert make_plan(Asked(plan="mine.toml", workloads=["noop"])).view[0].workloads == ["noop"]


def test_a_job_has_a_name_that_queues_and_files_can_have(here: Path) -> None:
    """Of its own, or its file's."""
    (here / "my_job.py").write_text(OK.replace("payloads", "name='x' * 65, payloads"))
    with pytest.raises(UsageError, match="is no name"):
        job_of("my_job.py")
    assert [bool(NAME.fullmatch(name)) for name in ("a b", "-x", "", "größe-2")] == [False, False, False, True]
