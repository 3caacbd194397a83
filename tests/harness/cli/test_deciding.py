"""What `workbench decide` says of a job before it calls it, and what it then does: nothing is called here."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.decide_options import CALLS_MOST, DecideOptions
from harness.cli.deciding import prepared
from harness.errors import UsageError
from harness.plan.cells import cells
from harness.plan.own_checks import calls_before, check_jobs

CLIENT = """
import time

import aiohttp


async def fetch(url):
    open("called", "w").close()
    time.sleep(0.01)
    async with aiohttp.ClientSession() as session:
        return await session.get(url)
"""
TASKS = """
from celery import Celery

app = Celery("shop", broker="redis://production:6379/0")


@app.task(acks_late=True, autoretry_for=(OSError,))
def fetch_task(url):
    open("called", "w").close()
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the current directory."""
    (tmp_path / "shop").mkdir()
    for name, text in (("__init__", ""), ("client", CLIENT), ("tasks", TASKS)):
        (tmp_path / "shop" / f"{name}.py").write_text(text)
    (tmp_path / "urls.jsonl").write_text('{"url": "http://127.0.0.1:1/"}\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_job_is_shown_with_its_places_options_and_spoilers_before_it_is_called(shop: Path) -> None:
    """Both functions, what their sources show, the bound on calls, and the time."""
    options = DecideOptions(
        coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl", rate="120/s", p99="300ms"
    )
    preparation = prepared(options)
    said = preparation.announced
    assert "asyncio  shop.client:fetch (shop/client.py:7)" in said
    assert "celery   shop.tasks:fetch_task (shop/tasks.py:7), acks_late=True, autoretry_for=['OSError']" in said
    assert "sleep-in-coroutine (asyncio): shop/client.py:9:" in said
    assert "client-per-call (asyncio): shop/client.py:10:" in said
    assert "then 5 rounds at 120/s" in said
    assert "at most 100,000 times" in said
    assert preparation.options.at_most == CALLS_MOST
    assert not (shop / "called").exists()


def test_other_machines_are_called_only_with_leave_and_a_bound(shop: Path) -> None:
    """Found in the payloads, before anything is called."""
    (shop / "urls.jsonl").write_text('{"url": "https://example.com/"}\n')
    options = DecideOptions(coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl")
    with pytest.raises(UsageError, match=r"example\.com.*--allow-remote --at-most N"):
        prepared(options)
    with pytest.raises(UsageError, match="with --at-most N"):
        prepared(replace(options, allow_remote=True))
    assert prepared(replace(options, allow_remote=True, at_most=500)).options.at_most == 500
    assert not (shop / "called").exists()


def test_a_coroutine_alone_is_run_by_workers_too(shop: Path) -> None:
    """In an event loop of theirs; a pool that needs a task is refused, and so is a task alone."""
    options = DecideOptions(coroutine="shop.client:fetch", payloads="urls.jsonl")
    preparation = prepared(options)
    contenders = {contender for view in preparation.plan.view for contender in view.contenders}
    assert contenders == {"asyncio", "celery-asyncio:32"}
    with pytest.raises(UsageError, match=r"--pool gevent: \S+ has no task"):
        prepared(replace(options, pools=["gevent"]))
    with pytest.raises(UsageError, match="has no coroutine"):
        prepared(DecideOptions(task="shop.tasks:fetch_task", payloads="urls.jsonl"))


def test_calls_before_the_run_are_taken_off_its_bound(shop: Path) -> None:
    """One in twenty of them, at the most."""
    parts = DecideOptions(
        coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl", at_most=200
    )
    preparation = prepared(parts)
    trying = check_jobs(preparation.options, cells(preparation.plan, "here"))
    assert calls_before(trying) == 10


def test_a_time_into_which_no_decision_fits_is_refused_with_the_least_that_would_do(shop: Path) -> None:
    """By what the workload says of itself, and by how long the job took when it was tried."""
    with pytest.raises(UsageError, match=r"--time 20s: a decision takes at least 34 s\."):
        prepared(DecideOptions(job="noop", time="20s"))
    with pytest.raises(UsageError, match=r"--time 1min: a decision takes at least .* where a request takes 5 s"):
        prepared(DecideOptions(job="sleep", settings=["sleep.seconds=5"], time="1min"))
    parts = DecideOptions(
        coroutine="shop.client:fetch", task="shop.tasks:fetch_task", payloads="urls.jsonl", time="1min"
    )
    preparation = prepared(parts)
    preparation.tried(0.02)
    with pytest.raises(UsageError, match="where a request takes 4 s"):
        preparation.tried(4.0)


def test_the_default_holds_for_a_job_of_five_seconds(shop: Path) -> None:
    """And is said before anything is called."""
    preparation = prepared(DecideOptions(job="sleep", settings=["sleep.seconds=5"]))
    assert "takes at most 3 min 00 s (--time)" in preparation.announced
