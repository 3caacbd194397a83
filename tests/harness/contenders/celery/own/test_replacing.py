"""An application of the user's own at a run: broker, backend and queue are the run's, all else stays as it was."""

import sys
from types import ModuleType
from typing import Any

import pytest
from celery import Celery

from harness.contenders.celery.own.refusing import options_of
from harness.contenders.celery.own.replacing import changed, point_at, replacing, routes_of, without_destination
from harness.contenders.celery.own_workers import OwnWorkers
from harness.services.brokers.broker import BrokerPlace
from harness.services.url import Url

PLACE = BrokerPlace(
    url=Url.parse("redis://127.0.0.1:7777/0", "a test", "redis://HOST"),
    backend=Url.parse("redis://127.0.0.1:7777/0", "a test", "redis://HOST"),
    key_prefix="",
    control="run-control",
)


def nothing() -> None:
    """The body of a task."""


def application(**settings: Any) -> Celery:
    """As a user may have one."""
    app = Celery("shop", set_as_current=False, broker="redis://:secret@theirs/3", backend="redis://:secret@theirs/4")
    app.conf.update(
        {
            "task_default_queue": "web",
            "task_routes": {"shop.*": {"queue": "web", "priority": 7, "routing_key": "shop"}},
            "worker_prefetch_multiplier": 2,
            "broker_transport_options": {"visibility_timeout": 60, "global_keyprefix": "theirs:"},
        }
        | settings
    )
    return app


@pytest.mark.parametrize("worker", [True, False])
def test_the_run_replaces_what_leads_elsewhere_and_nothing_else(worker: bool) -> None:
    """Options of the same kind of broker stay, but for those that say where it is."""
    app = application(broker_read_url="redis://:secret@theirs/5", broker_use_ssl={"x": 1}, result_expires=99)
    before = dict(app.conf)
    point_at(app, PLACE, "run-queue", worker=worker)
    assert app.conf.broker_url == app.conf.broker_read_url == app.conf.broker_write_url == "redis://127.0.0.1:7777/0"
    assert app.conf.result_backend == "redis://127.0.0.1:7777/0"
    assert app.conf.task_default_queue == "run-queue"
    assert app.conf.broker_transport_options == {"visibility_timeout": 60, "global_keyprefix": ""}
    assert not app.conf.broker_use_ssl
    assert (app.connection_for_write().hostname, app.connection_for_write().password) == ("127.0.0.1", None)
    kept = ("worker_prefetch_multiplier", "result_expires", "task_serializer", "task_acks_late", "timezone")
    assert {key: app.conf[key] for key in kept} == {key: before[key] for key in kept}
    assert app.conf.get("result_backend_thread_safe", False) is not worker


def test_settings_with_a_namespace_are_replaced_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of Django's projects are."""
    module: Any = ModuleType("planted_settings")
    module.SHOP_BROKER_URL = "amqp://theirs//"
    module.SHOP_TASK_DEFAULT_QUEUE = "theirs"
    module.SHOP_TASK_ACKS_LATE = True
    monkeypatch.setitem(sys.modules, "planted_settings", module)
    app = Celery("shop", set_as_current=False)
    app.config_from_object("planted_settings", namespace="SHOP")
    point_at(app, PLACE, "run-queue", worker=True)
    assert (app.conf.broker_url, app.conf.task_default_queue) == ("redis://127.0.0.1:7777/0", "run-queue")
    assert app.conf.task_acks_late is True


def test_a_route_keeps_what_it_says_but_for_where_to() -> None:
    """A priority is part of how a task is executed; the queue is the run's."""
    app = application()
    route = without_destination(routes_of(app))
    assert route("shop.tasks.fetch", (), {}, {}) == {"priority": 7}
    assert route("other", (), {}, {}) is None


def test_options_of_another_kind_of_broker_do_not_stay() -> None:
    """They would say nothing to the run's."""
    app = application(broker_url="amqp://theirs//", broker_transport_options={"confirm_publish": True})
    assert replacing(app, PLACE, "run-queue")["broker_transport_options"] == {"global_keyprefix": ""}


def test_a_task_with_a_queue_of_its_own_goes_to_the_runs() -> None:
    """Also where it has a routing key."""
    app = application()
    app.task(name="shop.tasks.fetch", shared=False)(nothing)
    app.finalize(auto=True)
    task: Any = app.tasks["shop.tasks.fetch"]
    task.queue, task.routing_key = "web", "shop"
    point_at(app, PLACE, "run-queue", worker=True)
    assert (task.queue, task.routing_key) == (None, None)


def test_what_was_replaced_is_listed_without_secrets() -> None:
    """With what it was; what stays is not in it."""
    app = application(worker_enable_remote_control=False, worker_state_db="/there/state", task_queues={"web": {}})
    found = changed(app)
    assert found["broker"] == ["redis", "the run's"]
    assert found["queue"] == ["web", "the run's"]
    assert found["routes"] == ["its own", "the run's"]
    assert found["worker_enable_remote_control"] == [False, True]
    assert found["worker_state_db"] == ["set", "not set"]
    assert found["task_queues"] == ["set", "not set"]
    assert found["result_backend_thread_safe of the client"] == [False, True]
    assert "secret" not in repr(found)
    assert "worker_prefetch_multiplier" not in found


def test_options_of_a_task_are_those_that_it_has_not_by_default() -> None:
    """Exceptions by their names."""
    app = application()

    @app.task(
        name="fetch", shared=False, acks_late=True, autoretry_for=(KeyError, OSError), time_limit=30, max_retries=5
    )
    def fetch() -> None: ...

    plain = app.task(name="plain", shared=False)(nothing)
    app.finalize(auto=True)
    assert options_of(app.tasks["fetch"]) == {
        "acks_late": True,
        "autoretry_for": ["KeyError", "OSError"],
        "time_limit": 30,
        "max_retries": 5,
    }
    assert options_of(app.tasks[plain.name]) == {}


def test_commands_are_json_whatever_the_application_accepts() -> None:
    """Else a worker would refuse what the run asks it."""
    app = application(accept_content=["msgpack"], task_serializer="msgpack")
    control: Any = OwnWorkers(app, ["a@host"])
    assert (control.mailbox.accept, control.mailbox.serializer) == (["json"], "json")
