"""Exceptions that the Celery side defines survive its result backend: type, arguments, attributes and text."""

import asyncio
import importlib
import inspect
import pickle
import pkgutil
import socket
from typing import Any, get_type_hints

import pytest
from celery.utils.serialization import get_pickleable_exception

import celery_side
from harness import registry
from tests.contract.conftest import Running, submit

pytestmark = pytest.mark.asyncio(loop_scope="package")

SAMPLES: dict[Any, Any] = {
    str: "GET",
    int: 503,
    float: 0.25,
    float | None: 0.25,
    bool: True,
    dict: {"a": [1]},
    list: [1, "b"],
    Any: None,
}
"""An argument for each type; a type that is missing here is one that JSON may not carry."""


def defined() -> list[type[Exception]]:
    """Every exception that a module below `celery_side` defines."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(celery_side.__path__, f"{celery_side.__name__}.")
    ]
    classes = [kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)]
    own = {kind for kind in classes if kind.__module__.startswith(f"{celery_side.__name__}.")}
    return sorted((kind for kind in own if issubclass(kind, Exception)), key=lambda kind: kind.__qualname__)


def sample(kind: type[Exception]) -> Exception:
    """One of that kind, made with an argument of each parameter's type."""
    hints = get_type_hints(kind.__init__)
    parameters = [name for name in inspect.signature(kind).parameters if name not in ("args", "kwargs")]
    return kind(*(SAMPLES[hints[name]] for name in parameters))


async def test_the_exceptions_are_found() -> None:
    """Else the tests below would pass with none."""
    assert {"StatusError", "NoAnswer", "BadAnswer"} <= {kind.__name__ for kind in defined()}


@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")  # Celery's own call of redis-py
@pytest.mark.parametrize("kind", defined(), ids=lambda kind: kind.__qualname__)
async def test_an_exception_comes_back_from_the_result_backend_as_it_was(
    running: Running, kind: type[Exception]
) -> None:
    """Stored in Redis as a worker stores it, read as a client reads it."""
    from harness.contenders.celery.config import configure

    app = configure(running.broker.place, "contract-exceptions")
    raised = sample(kind)
    task_id = f"exception-{kind.__qualname__}"

    def stored() -> Any:
        app.backend.mark_as_failure(task_id, raised)
        try:
            return app.backend.get_task_meta(task_id, cache=False)["result"]
        finally:
            app.backend.forget(task_id)

    came_back = await asyncio.to_thread(stored)
    assert came_back is not raised
    assert (type(came_back), came_back.args) == (kind, raised.args)
    assert vars(came_back) == vars(raised)
    assert str(came_back) == str(raised)


@pytest.mark.parametrize("name", ["celery-prefork", "celery-threads", "celery-gevent", "celery-solo"])
async def test_a_service_that_does_not_answer_is_reported_as_such(running: Running, name: str) -> None:
    """Through every pool, with urllib3's reason; a backend could not make urllib3's own exception again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    contender = registry.load("contender", name)
    (outcome,) = await asyncio.to_thread(submit, running, contender, "http_date", [{"url": url, "client": "urllib3"}])
    assert outcome.error is not None
    assert outcome.error.startswith(f"NoAnswer: GET {url}: NewConnectionError: ")


@pytest.mark.parametrize("kind", defined(), ids=lambda kind: kind.__qualname__)
async def test_an_exception_can_be_pickled(kind: type[Exception]) -> None:
    """So that Celery hands it on between processes of a pool, and with a retry, as it is, not as what its base is."""
    raised = sample(kind)
    assert get_pickleable_exception(raised) is raised
    copy = pickle.loads(pickle.dumps(raised))
    assert (type(copy), copy.args, vars(copy), str(copy)) == (kind, raised.args, vars(raised), str(raised))
