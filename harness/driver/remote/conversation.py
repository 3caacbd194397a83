"""The session's end of a conversation with a driver on another machine: one for each trial."""

from typing import Protocol

from harness.driver.remote.switchboard import Switchboard
from harness.machine.deadline import in_time


class Conversation(Protocol):
    """Bodies in both directions."""

    def send(self, body: bytes) -> None:
        """Have it delivered; a broker that has gone is reported by `receive`."""
        ...

    async def receive(self, within_s: float) -> bytes | None:
        """What comes next; None once nothing can come any more. Raises TimeoutError if nothing comes in time."""
        ...

    async def end(self) -> None:
        """Remove what is left of it; harmless when it has ended."""
        ...


def to_driver(name: str) -> str:
    """The queue in which the driver takes what the session says in the conversation of that name."""
    return f"{name}:down"


class BrokerConversation:
    """One of those on a switchboard."""

    def __init__(self, switchboard: Switchboard, name: str) -> None:
        """`name`: that of the conversation, on both sides."""
        self._switchboard = switchboard
        self._name = name
        self._arrived = switchboard.open(name)
        self._has_ended = False

    def send(self, body: bytes) -> None:
        """Have it given to the broker, after all that was sent before."""
        self._switchboard.send(to_driver(self._name), self._name, body)

    async def receive(self, within_s: float) -> bytes | None:
        """What comes next; None once the broker is gone. Raises TimeoutError."""
        return await in_time(within_s, self._arrived.get())

    async def end(self) -> None:
        """Take nothing more, and remove the driver's queue."""
        if not self._has_ended:
            self._has_ended = True
            await self._switchboard.end(self._name, to_driver(self._name))
