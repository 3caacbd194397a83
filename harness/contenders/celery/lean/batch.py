"""Messages that go out together, and who waits for the replies."""

import asyncio
from time import monotonic_ns
from typing import Any

Meta = asyncio.Future[dict[str, Any]]
"""The result metadata of a task to come."""


class Batch:
    """Grows while the event loop goes round once, and is sent whole."""

    __slots__ = ("ids", "messages", "published_ns", "waiting")

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.messages: list[bytes] = []
        self.waiting: list[Meta] = []
        self.published_ns = 0
        """When the kernel had all of it; 0 before that."""

    def add(self, task_id: str, message: bytes, waiting: Meta) -> None:
        """One more."""
        self.ids.append(task_id)
        self.messages.append(message)
        self.waiting.append(waiting)

    def is_published(self) -> None:
        """Its publishing ends now."""
        self.published_ns = monotonic_ns()

    def has_failed(self, error: Exception) -> None:
        """Each request of it that still waits has failed."""
        for future in self.waiting:
            if not future.done():
                future.set_exception(error)
