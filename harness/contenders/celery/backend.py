"""Result backends that add the worker's stamps to each result's metadata, beside the reply.

The tasks stay free of timing code, and replies and chains stay as they are.
"""

import inspect
import platform
import re
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

from celery.backends.redis import RedisBackend
from celery.backends.rpc import RPCBackend
from celery.states import SUCCESS

from harness.machine.usage import boot_id

STAMPS = "workbench"
"""Key in the metadata: [exec_start_ns, exec_end_ns, host, boot_id]."""
INNER = re.compile(rb"celery-task-meta-[^.]*\Z")
"""A driver's own tasks have ids `TRIAL.NUMBER…`."""
INNER_EXPIRES_S = 120
TAKES_EXPIRY = "expires" in inspect.signature(RedisBackend.set).parameters
"""Celery 5.7 does; before, all results have the application's time."""
START_ATTRIBUTE = "workbench_start_ns"
"""Attribute of the task's request that holds the start of execution until the result is stored."""

done: list[Callable[[str], None]] = []
"""Called with the id of a task whose work has been done, before its result is stored; only in runs with crashes."""


class Stamped:
    """Part of a backend: execution ends when its result is about to be stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._where = [platform.node(), boot_id()]

    def _get_result_meta(self, result: Any, state: str, traceback: Any, request: Any, **kwargs: Any) -> Any:
        end = monotonic_ns()
        if done and state == SUCCESS and request is not None:
            for tell in done:
                tell(request.id)
        meta: Any = super()._get_result_meta(result, state, traceback, request, **kwargs)  # type: ignore[misc]
        meta[STAMPS] = [getattr(request, START_ATTRIBUTE, 0), end, *self._where]
        return meta


class StampedRedisBackend(Stamped, RedisBackend):
    """Results kept by Redis. Those of tasks that a task has published, which no driver removes, soon expire."""

    def set(self, key: Any, value: Any, expires: int | None = None, **retry_policy: Any) -> Any:
        """As Celery does, with that time."""
        inner = isinstance(key, bytes) and INNER.search(key) is not None
        if TAKES_EXPIRY:
            retry_policy["expires"] = INNER_EXPIRES_S if inner else expires
        return super().set(key, value, **retry_policy)


class StampedRPCBackend(Stamped, RPCBackend):
    """Results as messages."""


def backends() -> dict[str, str]:
    """Scheme of a result backend's URL → the class, as Celery's loader takes it."""
    stamped = dict.fromkeys(("redis", "rediss", "socket"), StampedRedisBackend) | {"rpc": StampedRPCBackend}
    return {scheme: f"{kind.__module__}:{kind.__name__}" for scheme, kind in stamped.items()}
