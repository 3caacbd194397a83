"""Names of workers and drivers that wait on a broker: each is that of one process, which the broker decides."""

from typing import Protocol

HELD_S = 12.0
"""A name is free once its process was not heard for so long; on RabbitMQ, as soon as that has ended."""


class Name(Protocol):
    """On one broker. What is here blocks, and raises as the broker's library."""

    def hold(self) -> bool:
        """Take it, or keep it for another `HELD_S`; False where another process has it."""
        ...

    def leave(self) -> None:
        """Give it back."""
        ...
