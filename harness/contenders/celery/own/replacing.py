"""Points an application of the user's own at the run: broker, result backend and queue are replaced, and nothing else.

What that takes is in one table, so that the results say all of it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celery.app.routes import Router, prepare

from harness.contenders.celery.config import change, connections, forget_brokers, may_reach, scheme, settings_of
from harness.contenders.celery.own.finding import OwnTask, own_task
from harness.contenders.celery.own.refusing import check
from harness.contenders.celery.queues import know_run_queue
from harness.contenders.settings.celery_changes import conf_of
from harness.results.cells import OURS
from harness.services.brokers.broker import BrokerPlace

DESTINATION = ("queue", "exchange", "exchange_type", "routing_key")
"""Of a route: where to; all else that it says, such as a priority, stays."""
OF_BROKER: dict[str, Any] = {
    "broker_read_url": None,
    "broker_write_url": None,
    "broker_user": None,
    "broker_password": None,
    "broker_use_ssl": None,
    "redis_backend_use_ssl": None,
    "redis_username": None,
    "redis_password": None,
    "redis_backend_credential_provider": None,
    "override_backends": {},
}
"""They belong to the application's own broker and backend."""
OF_QUEUE: dict[str, Any] = {
    "task_queues": None,
    "task_default_exchange": None,
    "task_default_exchange_type": "direct",
    "task_default_routing_key": None,
    "task_create_missing_queues": True,
    "worker_direct": False,
}
OF_WORKER: dict[str, Any] = {"worker_enable_remote_control": True, "worker_state_db": None}
"""The run asks its workers for readings, and leaves no file behind."""
OF_CLIENT: dict[str, Any] = {"result_backend_thread_safe": True}
"""One connection takes all results."""
NOT_THE_TRANSPORTS = ("global_keyprefix", "master_name", "sentinel_kwargs", "password", "username")
"""Options of a transport that say where the application's own broker is."""
OPTIONS_OF = {"broker_transport_options": "broker_url", "result_backend_transport_options": "result_backend"}
"""Options of a transport, which stay where the run has one of the same kind → its URL."""
Route = Callable[..., dict[str, Any] | None]


def configured(name: str, place: BrokerPlace, queue: str, tuning: Sequence[str], *, worker: bool) -> OwnTask:
    """The task and the application of that job, with this run's broker, backend and queue; raises UsageError."""
    may_reach(place)
    own = own_task(name)
    check(own)
    forget_brokers(os.environ)
    point_at(own.app, place, queue, worker=worker)
    if tuning:
        change(own.app, conf_of(settings_of(tuning), worker=worker, queue=queue))
    know_run_queue(own.app, queue, place)
    return own


def point_at(app: Any, place: BrokerPlace, queue: str, *, worker: bool) -> None:
    """Have an application use that broker, result backend and queue, as a worker or as a client of the run."""
    replacements = replacing(app, place, queue) | (OF_WORKER if worker else OF_CLIENT)
    routes = routes_of(app)
    _forget_connections(app)
    for key, value in replacements.items():
        for written in app.conf._to_keys(key):  # with the namespace of the application's settings, and without
            app.conf[written] = value
    for task in app.tasks.values():
        for attribute in ("queue", "exchange", "routing_key"):
            if getattr(task, attribute, None) is not None:
                setattr(task, attribute, None)
    app.conf.task_routes = (without_destination(routes),)


def replacing(app: Any, place: BrokerPlace, queue: str) -> dict[str, Any]:
    """The settings that lead to the run, by Celery's names."""
    ours = connections(place)
    for key, url in OPTIONS_OF.items():
        if scheme(str(app.conf.get(url) or "")).removesuffix("s") == scheme(ours[url]).removesuffix("s"):
            theirs = app.conf.get(key) or {}
            ours[key] = {name: value for name, value in theirs.items() if name not in NOT_THE_TRANSPORTS} | ours[key]
    return OF_BROKER | ours | OF_QUEUE | {"task_default_queue": queue}


def changed(app: Any) -> dict[str, list[Any]]:
    """Setting → what it is in the application, and in the run: only those that differ; never a secret."""
    found: dict[str, list[Any]] = {
        "broker": [scheme(str(app.conf.broker_url or "")) or "default", OURS],
        "result backend": [scheme(str(app.conf.result_backend or "")) or "none", OURS],
        "queue": [str(app.conf.task_default_queue), OURS],
    }
    if app.conf.task_routes or any(getattr(task, "queue", None) for task in app.tasks.values()):
        found["routes"] = ["its own", OURS]
    own = OF_BROKER | OF_QUEUE | OF_WORKER | {f"{key} of the client": value for key, value in OF_CLIENT.items()}
    for key, value in own.items():
        theirs = app.conf.get(key.partition(" ")[0])
        if theirs and theirs != value:
            found[key] = [theirs if isinstance(theirs, (bool, int)) else "set", value or "not set"]
        elif not theirs and value is True:
            found[key] = [False, True]
    return found


def routes_of(app: Any) -> Route:
    """The application's own router, as a function."""
    router = Router(prepare(app.conf.task_routes), create_missing=True, app=app)
    return router.lookup_route


def without_destination(lookup: Route) -> Route:
    """A route that says all that the application's say, but for where to."""

    def route(name: str, args: Any, kwargs: Any, options: Mapping[str, Any], task: Any = None, **_: Any) -> Any:
        said = lookup(name, args, kwargs, dict(options), task)
        if not isinstance(said, Mapping):
            return None
        return {key: value for key, value in said.items() if key not in DESTINATION} or None

    return route


def _forget_connections(app: Any) -> None:
    """What importing the application may have opened to its own broker."""
    app._pool = None
    for name in ("amqp", "control", "events"):
        app.__dict__.pop(name, None)
    app._local.__dict__.pop("backend", None)
    app._backend_cache = None
