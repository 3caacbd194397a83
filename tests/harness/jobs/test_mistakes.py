"""Every mistake in a job is one message with the file, the line and the reason; nothing of it reaches this process."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from harness.jobs.importing import still_at
from tests.harness.jobs.wrong_jobs import FILES

ROOT = Path(__file__).resolve().parents[3]

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
    "a client that nothing opens": (
        "asyncio",
        {"coroutine": "shop.client:several", "payloads": [{"k": 1}]},
        "Job(resources=…) opens it, and is declared in a file",
    ),
    "too many arguments": ("celery", {"task": "shop.tasks:fetch", "payloads": [[1, 2]]}, "2 arguments by position"),
    "a reply that is not JSON": ("asyncio", {"coroutine": "shop.client:odd"}, "the reply of shop.client:odd (shop/cli"),
    "an object from a task": (
        "celery",
        {"task": "shop.tasks:odd"},
        "the reply of shop.tasks:odd (shop/tasks.py:19) cannot be sent as json (result_serializer): Object of type set",
    ),
    "another machine": (
        "asyncio",
        {"coroutine": "shop.client:remote"},
        "it calls 192.0.2.1:80, which",
    ),
    "a look-up": ("asyncio", {"coroutine": "shop.client:looks_up"}, "it calls no.invalid, which is not this machine"),
    "a task's look-up": (
        "celery",
        {"task": "shop.tasks:looks_up"},
        "it calls no.invalid:80, which is not this",
    ),
    "a method of a class": (
        "asyncio",
        {"coroutine": "shop.client:Client.method"},
        "line 23: Client.method is a met",
    ),
    "a method of an instance": ("asyncio", {"coroutine": "shop.client:client.method"}, ""),
    "a callable object": ("asyncio", {"coroutine": "shop.client:client"}, ""),
    "a plain method": ("asyncio", {"coroutine": "shop.client:client.sync"}, "line 27: sync is a plain def"),
    "a class of coroutines": ("asyncio", {"coroutine": "shop.client:Client"}, "Client is a class"),
    "any number of arguments": ("asyncio", {"coroutine": "shop.client:several", "payloads": [[1, 2, 3]]}, ""),
    "any number for a task": ("celery", {"task": "shop.tasks:several", "payloads": [[1, 2, 3]]}, ""),
    "bytes": ("asyncio", {"coroutine": "shop.client:reply", "payloads": ["bytes"]}, ""),
    "a set": ("asyncio", {"coroutine": "shop.client:reply", "payloads": ["set"]}, ""),
    "a coroutine as the reply": (
        "asyncio",
        {"coroutine": "shop.client:reply", "payloads": ["coroutine"]},
        "builtins.coroutine is not JSON",
    ),
    "a bound task": ("celery", {"task": "shop.tasks:bound"}, ""),
    "a registered class": ("celery", {"task": "shop.tasks:registered"}, ""),
    "a task of a class": ("celery", {"task": "shop.tasks:Service.method"}, "Nobody gives it `self`"),
    "a task without bind=True": ("celery", {"task": "shop.tasks:unbound"}, "a task takes it with bind=True"),
    "what publishes a task": ("celery", {"task": "shop.tasks:fetch.delay"}, "shop.tasks.fetch: name the task itself"),
    "a chain": ("celery", {"task": "shop.tasks:chained"}, "is a chain rather than a task. Name the task; or"),
    "a task that publishes another one": (
        "celery",
        {"task": "shop.tasks:publishing"},
        "replies with the AsyncResult of a task that it has published",
    ),
    "an application's factory": ("celery", {"task": "made.tasks:fetch", "app": "made:create_app()"}, ""),
    "a factory that is not called": (
        "celery",
        {"task": "made.tasks:fetch", "app": "made:create_app"},
        "If create_app makes it: Job(app='made:create_app()')",
    ),
    "an attribute's application": ("celery", {"task": "made.tasks:fetch", "app": "made:Holder.app"}, ""),
    "an application of that module": ("celery", {"task": "pack.tasks:fetch", "app": "pack.celery:app"}, ""),
    "the application of a package": ("celery", {"task": "pack.tasks:fetch"}, ""),
    "no such application": ("celery", {"task": "pack.tasks:fetch", "app": "pack:ap"}, "finds none there"),
    "no such package of it": (
        "celery",
        {"task": "pack.tasks:fetch", "app": "pac"},
        "no module 'pac'. Did you mean",
    ),
    "mixed names": ("celery", {"task": "shop.mixed:fetch"}, "shop/mixed.py, line 3: old and new names of settings"),
    "a wrong route": (
        "celery",
        {"task": "shop.routed:fetch"},
        "shop/routed.py, line 3: the application routed: task_routes: 'shop.*' must go to a queue's name",
    ),
    "a folder of payloads": ("asyncio", {"coroutine": "shop.client:fetch", "payloads": "shop"}, "shop: it is a folder"),
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
    "a name of ours for a file": ("workloads.py", ""),
    "spaces and umlauts": ("mit leer zeichen ö.py", ""),
    "no name": ("...py", ""),
    "prints": ("printing.py", ""),
    "circular imports": ("circular.py", "circled.py, line 1: ImportError: cannot import name 'x'"),
    "an interrupt": ("interrupting.py", "interrupting.py, line 1: KeyboardInterrupt"),
    "an unknown encoding": ("odd_encoding.py", "odd_encoding.py: SyntaxError: unknown encoding: nonsense"),
    "no text": ("no_text.py", "null bytes (is it saved as UTF-8?)"),
    "a dict for a job": ("a_dict.py", "a_dict.py: JOB must be a Job(…); got {'coroutine'"),
    "the class for a job": ("a_class.py", "a_class.py: JOB must be a Job(…); got <class"),
    "one payload without a list": (
        "one_payload.py",
        "line 2: SideError: Job(payloads=…) must be a list: [{",
    ),
    "a check that is not there": ("lost_check.py", "the check a:b: there is no module 'a'"),
    "a check of other arguments": (
        "short_check.py",
        "line 3: the check is called with the payload and",
    ),
    "resources without their decorator": ("no_manager.py", "no_manager.py, line 2: client is an async generator. What"),
    "no file of payloads": ("no_payloads.py", "payloads no.json: No such file or directory"),
    "no coroutine after all": ("called.py", "called.py, line 3: "),
    "a file of a package without __init__.py": ("bare/job.py", "name the job as bare.job"),
    "a file of a package": (
        "pack/job.py",
        "start in the folder above it, and name the job as pack.job",
    ),
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
    assert len((fault or "").splitlines()) <= 7


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
