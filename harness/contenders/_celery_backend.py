"""A Redis result backend that adds the worker's stamps to each result's metadata, beside the reply.

The tasks stay free of timing code, and replies and chains stay as they are.
"""

import platform
from time import monotonic_ns
from typing import Any

from celery.backends.redis import RedisBackend

from harness.usage import boot_id

STAMPS = "workbench"
"""Key in the metadata: [exec_start_ns, exec_end_ns, host, boot_id]."""
START_ATTRIBUTE = "workbench_start_ns"
"""Where the start of execution is kept on the task's request meanwhile."""


class StampedRedisBackend(RedisBackend):  # type: ignore[misc]  # Celery has no types
    """Celery's Redis backend; execution ends when its result is about to be stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._where = [platform.node(), boot_id()]

    def _get_result_meta(self, result: Any, state: str, traceback: Any, request: Any, **kwargs: Any) -> Any:
        end = monotonic_ns()
        meta = super()._get_result_meta(result, state, traceback, request, **kwargs)
        meta[STAMPS] = [getattr(request, START_ATTRIBUTE, 0), end, *self._where]
        return meta
