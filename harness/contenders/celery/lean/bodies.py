"""The part of a message that depends on its payload: the body, and the text of the arguments for logs."""

from collections.abc import Mapping
from typing import Any

from celery.utils.saferepr import saferepr
from kombu import compression, serialization
from kombu.serialization import registry  # type: ignore[attr-defined]  # missing in the stubs

EMBEDDED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
"""What the body of a task without a canvas has behind its arguments."""

CONSTANT = (str, int, float, bytes, type(None))


class Bodies:
    """Serialized and compressed as a message that the application itself has published."""

    def __init__(self, app: Any, task: Any, content_type: str, headers: Mapping[str, Any]) -> None:
        self._check = task.__header__ if task.typing else None
        self._serializer = registry.type_to_name[content_type]
        self._compression = headers.get("compression")
        self._repr_most = app.amqp.kwargsrepr_maxsize
        self._repr_levels = app.conf.task_repr_maxlevels
        self._last: tuple[dict[str, Any], tuple[bytes, str]] = {"no": "payload"}, (b"", "")

    def made(self, kwargs: dict[str, Any]) -> tuple[bytes, str]:
        """The body, and the text of the arguments; raises TypeError where the task does not take them.

        A payload that is the last one again is not serialized again.
        """
        last, done = self._last
        if is_again(last, kwargs):
            return done
        done = self._serialized(kwargs)
        self._last = dict(kwargs), done
        return done

    def _serialized(self, kwargs: dict[str, Any]) -> tuple[bytes, str]:
        if self._check is not None:
            self._check(**kwargs)
        _, encoding, dumped = serialization.dumps(((), kwargs, EMBEDDED), serializer=self._serializer)
        body: Any = dumped.encode(encoding) if isinstance(dumped, str) else dumped
        if self._compression is not None:
            body, _ = compression.compress(body, self._compression)
        return body, saferepr(kwargs, self._repr_most, maxlevels=self._repr_levels)


def is_again(last: Mapping[str, Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether both have the very same values, none of which can have changed; that they are equal would not do."""
    return len(last) == len(kwargs) and all(
        name in last and last[name] is value and isinstance(value, CONSTANT) for name, value in kwargs.items()
    )
