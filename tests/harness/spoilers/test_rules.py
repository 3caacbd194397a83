"""Each rule over small sources: what spoils the comparison is named with its line, and what does not is left alone."""

import ast
import textwrap

import msgspec
import pytest

from harness import registry
from harness.results.model import Doubt, Look, Side, Spoiler, Usages
from harness.spoilers.job import declared_limits, functions_of, sources_of
from harness.spoilers.rule import found_in, rules, seen_in
from harness.spoilers.source import source_at, source_of
from tests.builders import cell_of, trial_of, usage_of

SLOTS = 32


def found(text: str, side: Side = "asyncio") -> list[tuple[str, int]]:
    """Kind and line of each spoiler of the function `work`."""
    tree = ast.parse(textwrap.dedent(text))
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef)
    line = next(node.lineno for node in ast.walk(tree) if isinstance(node, definitions) and node.name == "work")
    source = source_of(side, "job.py", tree, line)
    assert source is not None
    spoilers = found_in([source], SLOTS)
    assert all(spoiler.advice and spoiler.side == side for spoiler in spoilers)
    return sorted((spoiler.kind, int(spoiler.place.rpartition(":")[2])) for spoiler in spoilers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import time\nasync def work():\n    time.sleep(1)", [("sleep-in-coroutine", 3)]),
        ("from time import sleep as nap\nasync def work():\n    nap(1)", [("sleep-in-coroutine", 3)]),
        ("import time\ndef helper():\n    time.sleep(1)\nasync def work():\n    helper()", [("sleep-in-coroutine", 3)]),
        ("import asyncio, time\nasync def work():\n    await asyncio.to_thread(time.sleep, 1)", []),
        ("import asyncio, time\nasync def work():\n    await asyncio.to_thread(lambda: time.sleep(1))", []),
        (
            "import asyncio, time\ndef f():\n    time.sleep(1)\nasync def work():\n    await asyncio.to_thread(f)",
            [],
        ),
        ("import asyncio\nasync def work():\n    await asyncio.sleep(1)", []),
    ],
)
def test_a_sleep_on_the_event_loop(text: str, expected: list[tuple[str, int]]) -> None:
    """In the coroutine, and in what it calls; not in a thread."""
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import requests\nS = requests.Session()\nasync def work(u):\n    return S.get(u).text", 4),
        ("import urllib.request as r\nasync def work(u):\n    return r.urlopen(u)", 3),
        ("import subprocess\nasync def work(u):\n    subprocess.run(['ls'])", 3),
        ("import redis\nR = redis.Redis()\nasync def work(u):\n    return R.get(u)", 4),
        ("import psycopg2\nasync def work(u):\n    with psycopg2.connect(u) as c:\n        c.execute(u)", 3),
    ],
)
def test_a_library_that_blocks_in_a_coroutine(text: str, line: int) -> None:
    """By its module, or by what a name of the module was made by."""
    assert ("blocking-call", line) in found(text)


def test_the_same_library_blocks_nothing_in_a_task() -> None:
    """A worker's slot may wait."""
    text = "import requests\nS = requests.Session()\ndef work(u):\n    return S.get(u).text"
    assert found(text, "celery") == []


@pytest.mark.parametrize(
    ("text", "side", "line"),
    [
        (
            "import aiohttp\nasync def work(u):\n    async with aiohttp.ClientSession() as s:\n        await s.get(u)",
            "asyncio",
            3,
        ),
        (
            "from httpx import AsyncClient\nasync def work(u):\n    client = AsyncClient()\n    await client.get(u)",
            "asyncio",
            3,
        ),
        ("import ssl\nasync def work(u):\n    context = ssl.create_default_context()", "asyncio", 3),
        ("import requests\ndef work(u):\n    return requests.get(u).text", "celery", 3),
        ("import requests\ndef fetch(u):\n    return requests.post(u)\ndef work(u):\n    return fetch(u)", "celery", 3),
        ("import psycopg\ndef work(u):\n    with psycopg.connect(u) as c:\n        pass", "celery", 3),
        ("from concurrent.futures import ThreadPoolExecutor\ndef work(u):\n    ThreadPoolExecutor(64)", "celery", 3),
    ],
)
def test_a_client_that_each_request_makes(text: str, side: Side, line: int) -> None:
    """On both sides, with what it calls in its module."""
    assert ("client-per-call", line) in found(text, side)


@pytest.mark.parametrize(
    "text",
    [
        "import requests\nS = requests.Session()\ndef work(u):\n    return S.get(u)",
        "import functools, requests as r\n@functools.cache\ndef s():\n    return r.Session()\ndef work(u):\n    s()",
        "import requests\nS = None\ndef work(u):\n    global S\n    if S is None:\n        S = requests.Session()",
        "import requests, threading\nL = threading.local()\ndef work(u):\n    L.session = requests.Session()",
    ],
)
def test_a_client_that_is_kept_is_none(text: str) -> None:
    """Of the module, in a cache, in a global name or in an attribute."""
    assert found(text, "celery") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import asyncio\nGATE = asyncio.Semaphore(4)\nasync def work(): ...", [("small-pool", 2)]),
        ("import httpx\nMOST = 8\nL = httpx.Limits(max_connections=MOST)\nasync def work(): ...", [("small-pool", 3)]),
        (
            "from aiohttp import TCPConnector\ndef r():\n    TCPConnector(limit=5)\nasync def work(): ...",
            [("small-pool", 3)],
        ),
        (
            "from psycopg_pool import AsyncConnectionPool as P\ndef r():\n    P('x')\nasync def work(): ...",
            [("small-pool", 3)],
        ),
        ("from aiohttp import TCPConnector\ndef r():\n    TCPConnector(limit=0)\nasync def work(): ...", []),
        ("from aiohttp import TCPConnector\ndef r(slots):\n    TCPConnector(limit=slots)\nasync def work(): ...", []),
        ("import asyncio\nGATE = asyncio.Semaphore(32)\nasync def work(): ...", []),
    ],
)
def test_a_pool_with_fewer_places_than_slots(text: str, expected: list[tuple[str, int]]) -> None:
    """By the number that is written out, or the library's own; 0 is no limit."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "other",
    [
        "class Other:\n    async def fetch(self):\n        self.gate = asyncio.Semaphore(4)",
        "async def other():\n    asyncio.Semaphore(4)",
        "@app.task\ndef other():\n    asyncio.Semaphore(4)",
    ],
)
def test_a_pool_of_another_job_in_the_same_file_is_none(other: str) -> None:
    """Nothing leads to it from the coroutine; where something does, or a manager opens it, it is one."""
    text = f"import asyncio\n{other}\nasync def work(): ..."
    assert found(text) == []
    assert found(text.replace("def work(): ...", "def work():\n    await (other or Other().fetch)()")) != []
    opened = "@asynccontextmanager\nasync def other():\n    yield asyncio.Semaphore(4)"
    imported = "import asyncio\nfrom contextlib import asynccontextmanager"
    assert found(f"{imported}\n{opened}\nasync def work(gate): ...") == [("small-pool", 5)]


def test_connections_to_the_broker_in_a_task() -> None:
    """Those of Celery's application or kombu, not those of a database's pool."""
    text = """
    from celery import Celery
    from kombu import Connection
    app = Celery()
    def work(pool):
        with app.connection_for_write() as one, Connection("x") as other, pool.connection() as third:
            pass
    """
    assert found(text, "celery") == [("celery-connection", 6)]


def test_an_event_loop_in_a_task() -> None:
    """Each of its requests begins without connections."""
    text = "import asyncio\nasync def fetch(u): ...\ndef work(u):\n    return asyncio.run(fetch(u))"
    assert found(text, "celery") == [("loop-per-task", 4)]


def seen(**changes: object) -> list[Spoiler]:
    """What a trial of 100 requests under closed:4 shows."""
    trial = msgspec.structs.replace(trial_of(1, 100.0), issued=120, **changes)
    cell = msgspec.structs.replace(cell_of(), load=msgspec.structs.replace(cell_of().load, clients=4))
    return seen_in(cell, trial)


def test_what_is_seen_of_connections() -> None:
    """By the driver with its line, else by the origin; a pool that is opened once is none."""
    (spoiler,) = seen(look=Look(reply="1", connects=118, connects_at="/srv/shop/client.py:7"))
    assert (spoiler.kind, spoiler.place) == ("client-per-call", "/srv/shop/client.py:7")
    assert "the service closes it" in spoiler.advice
    assert "118 connections were opened for 120 requests" in spoiler.text
    assert seen(look=Look(reply="1", connects=4)) == []
    (by_origin,) = seen(usage=Usages(origin=usage_of(0.1, connections=98)))
    assert by_origin.kind == "client-per-call"
    assert seen(usage=Usages(origin=usage_of(0.1, connections=4))) == []


def test_what_is_seen_of_the_event_loop() -> None:
    """A line at which it was found blocked counts where it was blocked for long enough."""
    look = Look(reply="1", blocked_at="/srv/a.py:3", sleeps_at="/srv/a.py:3")
    doubts = [Doubt(kind="loop-blocked", text="held", advice="a thread")]
    both = ["loop-blocked", "sleep-in-coroutine"]
    assert [spoiler.kind for spoiler in seen(look=look, loop_blocked=0.4, doubts=doubts)] == both
    assert [spoiler.kind for spoiler in seen(look=look, loop_blocked=0.01)] == ["sleep-in-coroutine"]
    # Others had the core, or many short callbacks came together: the trial has no such doubt.
    assert [spoiler.kind for spoiler in seen(look=look, loop_blocked=0.4)] == ["sleep-in-coroutine"]


def test_what_is_seen_of_the_broker() -> None:
    """A connection a task."""
    (spoiler,) = seen(usage=Usages(broker=usage_of(0.1, accepted=95)))
    assert spoiler.kind == "celery-connection"
    assert "asyncio:16: the broker accepted 95 connections for 100 requests" in spoiler.text
    assert seen(usage=Usages(broker=usage_of(0.1, accepted=3))) == []


def test_the_catalogue_is_clean_but_for_the_call_that_is_meant_to_block() -> None:
    """No rule is triggered by code that people copy."""
    spoilers = {
        name: [spoiler.kind for spoiler in found_in(sources_of(functions_of(name)), SLOTS)]
        for name in registry.shipped("workload")
    }
    assert {name: kinds for name, kinds in spoilers.items() if kinds} == {"blocking_call": ["sleep-in-coroutine"]}


def test_a_limit_that_the_workload_declares_is_named_too() -> None:
    """As of the connections of one side; the usual one is none."""
    few = declared_limits("http_date", {"connections": 4}, SLOTS)
    assert [(spoiler.kind, spoiler.side) for spoiler in few] == [("small-pool", "asyncio")]
    assert declared_limits("http_date", {}, SLOTS) == []
    assert declared_limits("noop", {}, SLOTS) == []


def test_a_function_is_found_by_the_line_of_its_decorator_too() -> None:
    """Python names that one; and what cannot be read has no source."""
    tree = ast.parse("@task\n@other\ndef work():\n    pass")
    for line in (1, 3):
        source = source_of("celery", "job.py", tree, line)
        assert source is not None
        assert source.function.name == "work"
    assert source_of("celery", "job.py", tree, 4) is None
    assert source_at("celery", "nowhere.py:3") is None


def test_every_rule_is_a_file_with_a_kind_of_its_own() -> None:
    """As results name it."""
    kinds = [rule.kind for rule in rules()]
    assert len(set(kinds)) == len(kinds)
    assert {kind.replace("-", "_") for kind in kinds} == {name.replace("-", "_") for name in registry.names("spoiler")}
