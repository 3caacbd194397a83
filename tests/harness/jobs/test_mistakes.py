"""Every mistake in a job is one message with the file, the line and the reason; nothing of it reaches this process."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from harness.jobs.importing import still_at

ROOT = Path(__file__).resolve().parents[3]

FILES = {
    "shop/__init__.py": "",
    "shop/app.py": "from celery import Celery\napp = Celery('shop', broker='amqp://nowhere.invalid//')\n",
    "shop/client.py": """
import datetime, socket
async def fetch(n):
    return n
def plain(n):
    return n
async def stream(n):
    yield n
async def odd(n):
    return {"a": [object()]}
async def raises(n):
    raise LookupError("nothing for it")
async def remote(n):
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except OSError:
        return None
async def ends(n):
    raise SystemExit(7)
class Client:
    async def fetch(n):
        return n
""",
    "shop/tasks.py": """
from shop.app import app
@app.task
def fetch(n):
    return n
@app.task
def other(m):
    return m
@app.task(ignore_result=True)
def ignoring(n):
    return n
@app.task
async def coroutine(n):
    return n
@app.task(serializer="pickle")
def pickling(n):
    return n
@app.task
def odd(n):
    return {1, 2}
class Class(app.Task):
    def run(self, n):
        return n
def undecorated(n):
    return n
""",
    "shop/shared.py": "from celery import shared_task\n@shared_task\ndef fetch(n):\n    return n\n",
    "shop/eager.py": """
from celery import Celery
app = Celery("eager")
app.conf.task_always_eager = True
@app.task
def fetch(n):
    return n
""",
    "shop/accepting.py": """
from celery import Celery
app = Celery("accepting")
app.conf.accept_content = ["json", "pickle"]
@app.task
def fetch(n):
    return n
""",
    "shop/lacking.py": '"""A docstring."""\n\nimport no_such_library\n',
    "shop/broken.py": "def fetch(:\n",
    "shop/exiting.py": "import sys\n\nsys.exit(3)\n",
    "shop/ours.py": "from origin import Thing\n",
    "origin/__init__.py": "class Thing: ...\n",
    "several.py": "from workloads.job import Job\nA = Job(task='shop.tasks:fetch')\nB = Job(task='shop.tasks:other')\n",
    "none.py": "x = 1\n",
    "generator.py": "from workloads.job import Job\n\nJOB = Job(task='shop.tasks:fetch', payloads=(n for n in [1]))\n",
    "misspelt.py": "from workloads.job import Job\n\nJOB = Job(corutine='shop.client:fetch')\n",
    "json.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads=[7])\n",
}
SCRIPT = """
import json, os, sys
os.chdir(sys.argv[1])
from harness.contenders.in_process.looking import look as of_coroutine
from harness.contenders.celery.own.looking import look as of_task
from harness.jobs.looking import looked_at
from harness.jobs.spec import JobSpec
results = []
for side, given in json.loads(sys.argv[2]):
    spec = JobSpec(given="the job", path=[sys.argv[1]], **given)
    looked = looked_at({"asyncio": of_coroutine, "celery": of_task}[side], spec, 1)
    results.append([looked.fault, looked.facts and looked.facts.name])
print(json.dumps(results))
"""
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a plain def": ("asyncio", {"coroutine": "shop.client:plain"}, "shop/client.py, line 5: plain is a plain def"),
    "a generator": ("asyncio", {"coroutine": "shop.client:stream"}, "line 7: stream is an async generator"),
    "a misspelt name": ("asyncio", {"coroutine": "shop.client:fetsh"}, "(shop/client.py) has no 'fetsh'. Did you mean"),
    "a misspelt module": (
        "asyncio",
        {"coroutine": "shop.clint:fetch"},
        "no module 'shop.clint'. Did you mean",
    ),
    "no such package": ("asyncio", {"coroutine": "shopp.client:fetch"}, "no module 'shopp'. Did you mean shop?"),
    "a module of Python's": ("asyncio", {"coroutine": "json.client:fetch"}, "json.py has the same name, and is not"),
    "no colon": ("asyncio", {"coroutine": "shop.client.fetch"}, "expected PACKAGE.MODULE:NAME"),
    "a method": ("asyncio", {"coroutine": "shop.client:Client.fetch"}, ""),
    "a syntax error": ("asyncio", {"coroutine": "shop.broken:fetch"}, "shop/broken.py, line 1: SyntaxError: "),
    "a missing dependency": (
        "celery",
        {"task": "shop.lacking:fetch"},
        "shop/lacking.py, line 3: No module",
    ),
    "an exit": ("asyncio", {"coroutine": "shop.exiting:fetch"}, "shop/exiting.py, line 3: it ends the process"),
    "an exit while it runs": ("asyncio", {"coroutine": "shop.client:ends"}, "line 19: it ends the process"),
    "a class": ("celery", {"task": "shop.tasks:Class"}, "shop.tasks:Class is a class of tasks"),
    "a name of ours": ("asyncio", {"coroutine": "origin.jobs:fetch"}, "'origin' belongs to the workbench"),
    "ours instead of theirs": ("asyncio", {"coroutine": "shop.ours:fetch"}, "shop/ours.py, line 1: ImportError"),
    "other arguments": (
        "asyncio",
        {"coroutine": "shop.client:fetch", "payloads": [{"m": 1}]},
        "(shop/client.py:3)",
    ),
    "too many arguments": ("celery", {"task": "shop.tasks:fetch", "payloads": [[1, 2]]}, "2 arguments by position"),
    "a reply that is not JSON": ("asyncio", {"coroutine": "shop.client:odd"}, "the reply of shop.client:odd (shop/cli"),
    "an object from a task": (
        "celery",
        {"task": "shop.tasks:odd"},
        "the reply of shop.tasks:odd (shop/tasks.py:18) cannot be sent as json (result_serializer): Object of type set",
    ),
    "another machine": (
        "asyncio",
        {"coroutine": "shop.client:remote"},
        "it calls 192.0.2.1:80, which",
    ),
    "an ignored result": ("celery", {"task": "shop.tasks:ignoring"}, "shop.tasks.ignoring ignores its result"),
    "an async task": ("celery", {"task": "shop.tasks:coroutine"}, "shop.tasks.coroutine is an async def"),
    "pickle of a task": ("celery", {"task": "shop.tasks:pickling"}, "(serializer) has pickle"),
    "pickle accepted": ("celery", {"task": "shop.accepting:fetch"}, "accept_content has pickle"),
    "eager": ("celery", {"task": "shop.eager:fetch"}, "task_always_eager is set"),
    "no task": ("celery", {"task": "shop.tasks:undecorated"}, "undecorated is no Celery task"),
    "no application": ("celery", {"task": "shop.tasks:fetch", "app": "shop.client"}, "the application shop.client: "),
    "an unknown part": (
        "asyncio",
        {"coroutine": "shop.client:fetch", "tsk": "x"},
        "Job has no part 'tsk'. ",
    ),
}
DECLARED: dict[str, tuple[str, str]] = {
    "several jobs": ("several.py", "declares several jobs. Name one: several:A or several:B"),
    "no job": ("none.py", "none.py declares no job. Add to it:"),
    "a misspelt part": ("misspelt.py", "misspelt.py, line 3: SideError: Job has no part 'corutine'. Did you mean"),
    "a generator of payloads": (
        "generator.py",
        "generator.py, line 3: SideError: Job(payloads=…) is a generator, which only one process",
    ),
    "a function": ("shop.client:fetch", "expected a Job(…); got the function fetch"),
    "a name of the standard library": ("json.py", ""),
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What is said of each case; one process looks at all of them."""
    folder = tmp_path_factory.mktemp("mistakes")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "payloads.json").write_text("[1]")
    cases: list[tuple[str, dict[str, Any]]] = [
        (side, {"parts": {"payloads": [1]} | parts}) for side, parts, _ in CASES.values()
    ]
    for declared, _ in DECLARED.values():
        cases.append(("asyncio", {"declared": str(folder / declared) if declared.endswith(".py") else declared}))
    ended = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, str(folder), json.dumps(cases)],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(zip([*CASES, *DECLARED], json.loads(ended.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("case", [*CASES, *DECLARED])
def test_a_mistake_has_its_place_and_reason(faults: dict[str, list[Any]], case: str) -> None:
    """In a few lines; what is no mistake has none."""
    message = CASES[case][2] if case in CASES else DECLARED[case][1]
    fault, name = faults[case]
    assert (fault is None) == (message == ""), fault
    assert message in (fault or "")
    assert name is None or not fault
    assert len((fault or "").splitlines()) <= 6


def test_a_package_of_theirs_with_a_name_of_ours_is_named_as_the_cause(faults: dict[str, list[Any]]) -> None:
    """Their module imports it, and gets the workbench's."""
    assert "origin cannot be imported: the workbench has a package of that name" in faults["ours instead of theirs"][0]


def test_a_file_is_not_taken_for_the_module_of_its_name(faults: dict[str, list[Any]]) -> None:
    """And no module is taken for it."""
    assert faults["a name of the standard library"] == [None, "json"]


def test_what_does_not_go_on_has_its_place() -> None:
    """The line of theirs at which the thread stands."""
    said = still_at(threading.get_ident(), "it has not gone on")
    assert said.startswith("tests/harness/jobs/test_mistakes.py, line ")
    assert "it has not gone on\n    said = still_at(" in said
