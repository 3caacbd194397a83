"""streaQ's worker object, which clients publish with too: JSON instead of pickle."""

import json
from typing import Any

from streaq import Worker

from harness.contenders.contender import error_text

END_S = 1
"""For what runs when it is told to end."""
CONNECTIONS_MOST = 8192
"""Each result that is waited for holds one, and reading it takes another: with the usual 64, that many wait in vain."""


def dumps(value: Any) -> str:
    """As JSON; an exception as its text, of which no class is looked up."""
    return json.dumps(value, default=_text)


def _text(value: Any) -> str:
    if isinstance(value, BaseException):
        return error_text(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def queue_of(url: str, queue: str, slots: int = 1) -> Worker[Any]:
    """Of that name; `slots`: coroutines that it runs at once as a worker."""
    return Worker(
        url,
        redis_kwargs={"max_connections": CONNECTIONS_MOST},
        concurrency=slots,
        queue_name=queue,
        serializer=dumps,
        deserializer=json.loads,
        grace_period=END_S,
    )
