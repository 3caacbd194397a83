"""Options of the user's task that decide what Celery does: named with the place where they are written."""

import ast
import textwrap
from typing import Any

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.results.model import Doubt, Failure, Settings, Side, Spoiler, Stage
from harness.spoilers.rule import seen_in
from harness.spoilers.rules.rate_limit import per_second
from harness.spoilers.source import source_of
from harness.statistics.doubts import UNSUSTAINABLE
from tests.builders import cell_of, stages_of, trial_of
from tests.harness.report.card.test_crashes import KILLED

TASK = """
@app.task(
    rate_limit="10/s",
    expires=1,
    soft_time_limit=2,
    priority=3,
    autoretry_for=(OSError,),
)
def work(u):
    ...
"""


def seen(load: str = "open:60/s", text: str = TASK, side: Side = "celery", **changes: Any) -> dict[str, Spoiler]:
    """By kind: what a trial under that load shows. `options`: those of the task, as its worker reports them."""
    options = changes.pop("options", {})
    tree = ast.parse(textwrap.dedent(text))
    line = next(node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "work")
    source = source_of("celery", "shop/tasks.py", tree, line)
    assert source is not None
    cell = msgspec.structs.replace(
        cell_of("celery-threads", side=side),
        load=parse_load(load, "a test").describe(),
        settings=Settings(asked={}, effective={f"task.{name}": value for name, value in options.items()}),
    )
    return {each.kind: each for each in seen_in(cell, msgspec.structs.replace(trial_of(), **changes), [source])}


@pytest.mark.parametrize(
    ("written", "per_s"), [("10/s", 10.0), ("30/m", 0.5), ("36/h", 0.01), (5, 5.0), ("x", 0.0), (None, 0.0)]
)
def test_a_rate_limit_is_read_as_celery_reads_it(written: Any, per_s: float) -> None:
    """A number is one a second; what is none is no limit."""
    assert per_second(written) == per_s


@pytest.mark.parametrize(
    ("load", "changes", "decides"),
    [
        ("open:60/s", {"throughput_per_s": 10.0}, True),
        ("open:9.5/s", {"throughput_per_s": 9.4}, True),
        ("open:5/s", {"throughput_per_s": 5.0}, False),
        ("closed:32", {"throughput_per_s": 10.0, "stages_ms": stages_of(50.0)}, True),
        ("closed:1", {"throughput_per_s": 5.0, "stages_ms": stages_of(200.0)}, False),
        ("closed:32", {"throughput_per_s": 3.0, "stages_ms": stages_of(50.0)}, False),  # something else is in the way
        ("closed:4", {"throughput_per_s": None, "lost": 4}, True),
    ],
)
def test_a_rate_limit_is_named_where_it_decides(load: str, changes: dict[str, Any], decides: bool) -> None:
    """By what the load asks for and what was served; its place is the line of the option."""
    found = seen(load, options={"rate_limit": "10/s"}, **changes)
    assert ("rate-limit" in found) is decides
    if decides:
        assert found["rate-limit"].place == "shop/tasks.py:3"
        assert "rate_limit=10/s lets a worker begin 10 tasks a second" in found["rate-limit"].text


def test_requests_that_expired_are_named() -> None:
    """By what the worker says of them."""
    failure = Failure(kind="TaskRevokedError", count=12, example="TaskRevokedError: expired")
    spoiler = seen(options={"expires": 1}, failures=[failure], failed=12)["expires"]
    assert spoiler.place == "shop/tasks.py:4"
    assert "12 of 100 requests under open:60/s were not executed" in spoiler.text
    assert "expires" not in seen(options={"expires": 1})


def test_requests_that_a_time_limit_ended_are_named() -> None:
    """In the load, or as the first one, which ends the trial; and a limit that a pool does not keep."""
    failure = Failure(kind="SoftTimeLimitExceeded", count=7, example="SoftTimeLimitExceeded: ")
    spoiler = seen(options={"soft_time_limit": 2}, failures=[failure])["time-limit"]
    assert spoiler.place == "shop/tasks.py:5"
    assert "7 of 100 requests under open:60/s were ended by soft_time_limit=2" in spoiler.text
    first = seen(status="failed", error="the first request failed: TimeLimitExceeded: TimeLimitExceeded(2,)")
    assert "1 of 100" in first["time-limit"].text
    assert "does not keep" in seen(options={"time_limit": 2}, stages_ms=stages_of(3000.0))["time-limit"].text
    assert "time-limit" not in seen(options={"time_limit": 2}, stages_ms=stages_of(300.0))


def waits(queue_ms: float) -> Any:
    """Stages with that wait for a worker."""
    return msgspec.structs.replace(stages_of(50.0), queue_wait=Stage(mean=queue_ms, p50=queue_ms, p99=queue_ms))


def test_a_request_alone_that_waits_for_an_idle_worker_has_a_countdown() -> None:
    """Named where one is written; not that of a further attempt, nor the wait for a rate limit."""
    text = """
    class Late(Task):
        def apply_async(self, *args, **options):
            return super().apply_async(*args, **options | {"countdown": 2})
    def work(self):
        self.retry(countdown=9)
    """
    spoiler = seen("closed:1", text, stages_ms=waits(2000.0))["countdown"]
    assert spoiler.place == "shop/tasks.py:4"
    assert "waited for 2 s before an idle worker began it" in spoiler.text
    assert "countdown" not in seen("closed:1", text, stages_ms=waits(40.0))
    assert "countdown" not in seen("closed:8", text, stages_ms=waits(2000.0))
    assert "countdown" not in seen("closed:1", stages_ms=waits(2000.0), options={"rate_limit": "30/m"})
    assert "countdown" in seen("closed:1", stages_ms=waits(9000.0), options={"rate_limit": "30/m"})


def test_further_attempts_are_named() -> None:
    """Where requests failed in the end, where the coroutine failed them, or where the next attempt comes too late."""
    options = {"autoretry_for": ["OSError"], "default_retry_delay": 1}
    spoiler = seen(options=options, failed=5)["retries"]
    assert spoiler.place == "shop/tasks.py:7"
    assert "5 of 100 requests failed in the end, after further attempts (autoretry_for=['OSError'], " in spoiler.text
    assert "6 of 100 requests had no answer in time" in seen(options=options, lost=6)["retries"].text
    coroutine = seen(side="asyncio", failed=8)["retries"]
    assert (coroutine.side, coroutine.place) == ("celery", "shop/tasks.py:7")
    assert "the coroutine failed 8 of 100 requests, which the task tries again" in coroutine.text
    overload = Doubt(kind=UNSUSTAINABLE, text="it grew", advice="lower it")
    assert "retries" not in seen(options=options, lost=6, doubts=[overload])
    assert "retries" not in seen(options=options)
    plain = "@app.task(max_retries=3)\ndef work(u):\n    ..."
    assert "retries" not in seen(text=plain, failed=6, options={"max_retries": 3})


def test_what_a_crash_costs_is_no_option_of_the_task() -> None:
    """A killed worker's requests wait for the visibility timeout, whatever the task says."""
    assert seen("crash:kill-worker@30:open:60/s", options={"autoretry_for": ["OSError"]}, lost=14, crash=KILLED) == {}


def test_an_attempt_that_the_task_asks_for_itself_is_named_by_its_line() -> None:
    """Without any option."""
    text = "def work(self, u):\n    try: ...\n    except OSError as error:\n        raise self.retry(exc=error)"
    assert seen(text=text, failed=2)["retries"].place == "shop/tasks.py:4"


def test_a_priority_is_said_to_have_no_effect() -> None:
    """The run's queue holds nothing else."""
    assert seen(options={"priority": 3})["priority"].place == "shop/tasks.py:6"
    assert "priority" not in seen()


def test_an_option_that_is_not_in_the_decorator_is_named_by_the_task() -> None:
    """As one that the application's settings give it."""
    found = seen(text="def work(u):\n    ...", options={"rate_limit": "10/s"}, throughput_per_s=10.0)
    assert found["rate-limit"].place == "shop/tasks.py:1"


def test_nothing_else_of_it_is_said_of_the_coroutine() -> None:
    """It has no options, and its failures are its own."""
    failure = Failure(kind="TaskRevokedError", count=12, example="x")
    assert seen(side="asyncio", text="def work(u): ...", failures=[failure], failed=12, lost=3) == {}


def test_an_option_of_another_task_in_the_same_file_is_not_where_it_is_written() -> None:
    """The application's default stands elsewhere: then the task is named, not a line that says something else."""
    text = "@app.task{}\ndef work(u):\n    ...\n\n@app.task(priority=9)\ndef other(u):\n    ..."
    places = [
        seen(text=text.format(given), options={"priority": 3})["priority"].place for given in ("", "(\n    priority=3)")
    ]
    assert places == ["shop/tasks.py:2", "shop/tasks.py:2"]
