"""What is wrong with an application's settings is one message with the place, before anything starts."""

import datetime
import importlib.util
import re
from typing import Any

import pytest
from celery import Celery
from celery.schedules import crontab
from kombu import Queue

from harness.contenders.celery.own import serializing, settings
from harness.errors import UsageError


def body(n: Any) -> Any:
    """Of a task."""
    return n


def failing(*_: Any, **__: Any) -> Any:
    """A route that fails."""
    return 1 / 0


def check(conf: dict[str, Any], **task: Any) -> None:
    """An application with these settings."""
    app: Any = Celery("planted", set_as_current=False)
    app.conf.update(conf)
    made = app.task(name="planted.body", shared=False, **task)(body)
    app.finalize()
    settings.check(app, app.tasks[made.name])


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({"task_routes": 7}, "task_routes: a route must be a dict, a function or the name of one; got 7"),
        ({"task_routes": {"planted.*": 7}}, "task_routes: 'planted.*' must go to a queue's name"),
        ({"task_routes": [("planted.*", {"queue": "x"})]}, "task_routes: a route must be a pair of a name and where"),
        ({"task_routes": "no_such_module:route"}, "task_routes: Celery cannot use it: .*No module named"),
        ({"task_routes": (failing,)}, r"test_settings.py, line \d+: ZeroDivisionError"),
        ({"task_queues": ["a", "b"]}, r"task_queues: each must be a kombu.Queue, as in Queue\('web'\); got 'a'"),
        ({"task_queues": {"a": 7}}, "task_queues: 'a' must be a kombu.Queue, or a dict of its options; got 7"),
        ({"task_queues": 5}, "task_queues: it must be a list of kombu.Queue; got 5"),
        ({"broker_transport_options": [("a", 1)]}, "broker_transport_options: it must be a dict"),
        ({"broker_transport_options": {"visibility_timeout": "3600"}}, "visibility_timeout must be a number"),
        ({"result_backend_transport_options": {"socket_timeout": "1"}}, "socket_timeout must be a number"),
        ({"beat_schedule": [1]}, "beat_schedule: it must be a dict"),
        ({"beat_schedule": {"a": 1}}, "beat_schedule: 'a' must be a dict with task and schedule"),
        ({"beat_schedule": {"a": {"schedule": 10}}}, "beat_schedule: 'a' has no task"),
        ({"beat_schedule": {"a": {"task": "x", "schedule": "10"}}}, "'a': schedule must be seconds, a timedelta or a"),
        ({"beat_schedule": {"a": {"task": "x", "schedule": 10, "arg": ()}}}, "unexpected keyword argument 'arg'"),
        ({"task_ack_late": True}, "task_ack_late: Celery has no such setting, .*Did you mean 'task_acks_late'"),
        ({"CELERY_TASK_ACKS_LATE": True}, "CELERY_TASK_ACKS_LATE: .*Name it task_acks_late, or say config_from_object"),
        ({"CELERY_ACK_LATE": True}, "CELERY_ACK_LATE: .*Did you mean 'CELERY_ACKS_LATE'"),
        ({"worker_prefetch_multiplier": "4"}, "worker_prefetch_multiplier: it must be a number; got '4'"),
        ({"task_publish_retry_policy": 3}, "task_publish_retry_policy: it must be a dict"),
        ({"accept_content": "json"}, "accept_content: it must be a list; got 'json'"),
        ({"accept_content": ["jsn"]}, "accept_content: kombu has no serializer 'jsn'. Did you mean 'json'"),
        ({"task_serializer": "jsn"}, "task_serializer: kombu has no serializer 'jsn'. Did you mean 'json'"),
        ({"result_serializer": "msgpack"}, r"'msgpack', which accept_content \(json\) has not: nobody could read the"),
        (
            {"include": ["no_such_module"]},
            r"what the application planted .*imports \(include, imports\): .*no_such",
        ),
    ],
)
def test_a_wrong_setting_is_named(conf: dict[str, Any], message: str) -> None:
    """With what it must be."""
    with pytest.raises(UsageError, match=message) as raised:
        check(conf)
    assert len(str(raised.value).splitlines()) <= 4


@pytest.mark.parametrize(
    "conf",
    [
        {},
        {"task_routes": {"planted.*": {"queue": "x", "priority": 3}, re.compile("a.*"): "y"}},
        {"task_routes": ([("planted.*", {"queue": "x"})],)},
        {"task_queues": [Queue("a")], "task_default_queue": "a"},
        {"task_queues": {"a": {"exchange": "a", "routing_key": "x"}}},
        {"beat_schedule": {"a": {"task": "x", "schedule": crontab(minute="*/5")}, "b": {"task": "x", "schedule": 3}}},
        {"result_expires": datetime.timedelta(hours=1), "task_time_limit": 5, "broker_pool_limit": None},
        {"my_setting": 1, "once": {}, "DEBUG": True, "CELERY_BROKER_URL": "redis://x", "CELERYD_CONCURRENCY": 3},
        {"result_serializer": "msgpack", "accept_content": ["json", "application/x-msgpack"]},
        {"broker_url": ["redis://a", "redis://b"]},
    ],
)
def test_what_celery_can_work_with_is_left(conf: dict[str, Any]) -> None:
    """Names of the application's own, too."""
    check(conf)


def test_the_serializer_of_a_task_counts_too() -> None:
    """Named as the task names it."""
    with pytest.raises(UsageError, match=r"serializer: it is 'msgpack', which accept_content .*no worker would take"):
        check({}, serializer="msgpack")


def test_a_soft_time_limit_is_not_above_the_hard_one() -> None:
    """Of which the application has one, and the task the other: Celery says so when it publishes the first one."""
    with pytest.raises(UsageError, match=r"task_soft_time_limit: planted.body has soft_time_limit 20 s above .* 3 s"):
        check({"task_soft_time_limit": 20}, time_limit=3)
    with pytest.raises(UsageError, match=r"task_time_limit: planted.body has soft_time_limit 20 s above .* 3 s"):
        check({"task_time_limit": 3}, soft_time_limit=20)
    check({"task_soft_time_limit": 3}, time_limit=3)


def test_yaml_without_its_library_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and where."""
    monkeypatch.setitem(serializing.registry._encoders, "yaml", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        UsageError, match=r"task_serializer: 'yaml' needs PyYAML, which is not installed in .*: pip inst"
    ):
        check({"task_serializer": "yaml", "accept_content": ["yaml", "json"]})


def test_old_and_new_names_are_not_mixed() -> None:
    """Celery says so wherever the settings are read first."""
    app = Celery("planted", set_as_current=False)
    app.config_from_object({"CELERY_EAGER_PROPAGATES_EXCEPTIONS": True, "task_serializer": "json", "timezone": "UTC"})
    message = r"test_settings.py, line \d+: old and new .*: CELERY_EAGER_PROPAGATES_EXCEPTIONS is task_eager_propagates"
    with pytest.raises(UsageError, match=message), settings.readable():
        _ = app.conf.task_serializer


def test_settings_that_cannot_be_imported_are_named() -> None:
    """Where the application names them."""
    app = Celery("planted", set_as_current=False)
    app.config_from_object("no.such.module")
    message = "the application cannot read its settings: No module named 'no'"
    with pytest.raises(UsageError, match=message), settings.readable():
        _ = app.conf.task_serializer


@pytest.mark.parametrize(
    ("serializer", "reply", "arrives"),
    [
        ("json", (1, b"x"), [1, b"x"]),
        ("json", {1: datetime.date(2026, 1, 2)}, {"1": datetime.date(2026, 1, 2)}),
        ("msgpack", {"a": (b"\xff",)}, {"a": [b"\xff"]}),
        ("yaml", {"a": {1, 2}}, {"a": {1, 2}}),
        ("json", {1, 2}, None),
        ("msgpack", datetime.date(2026, 1, 2), None),
        ("yaml", object, None),
    ],
)
def test_a_reply_is_what_its_serializer_makes_of_it(serializer: str, reply: Any, arrives: Any) -> None:
    """Or it is refused, with who gave it."""
    if serializer == "yaml":
        pytest.importorskip("yaml")
    app = Celery("planted", set_as_current=False)
    app.conf.result_serializer = serializer
    if arrives is not None:
        assert serializing.arrived(app, reply, 0, "shop:fetch (shop.py:1)") == arrives
        return
    with pytest.raises(UsageError, match=rf"the reply of shop:fetch \(shop.py:1\) cannot be sent as {serializer}"):
        serializing.arrived(app, reply, 0, "shop:fetch (shop.py:1)")
