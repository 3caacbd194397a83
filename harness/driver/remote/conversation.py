"""The session's end of a conversation with a driver on another machine: one for each trial."""

import asyncio
import contextlib
import threading
from typing import Protocol

from harness.driver.remote.courier import Courier
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.services.brokers.broker import BrokerService
from harness.services.calls import ask_blocking

POLL_S = 0.2
END_LIMIT_S = 2.0


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


class BrokerConversation:
    """Over two queues of a broker; a separate thread receives messages."""

    def __init__(self, broker: BrokerService, name: str) -> None:
        """`name`: that of the conversation, on both sides."""
        self._broker = broker
        self._queues = f"{name}:up", f"{name}:down"
        self._courier = Courier(broker.place, into=self._queues[0], out=self._queues[1])
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, body: bytes) -> None:
        """Give it to the broker; blocks for a round trip."""
        with contextlib.suppress(ServiceError):  # the reader meets the same error, and ends the conversation
            self._courier.send(body)

    async def receive(self, within_s: float) -> bytes | None:
        """What comes next; None once the broker is gone. Raises TimeoutError."""
        return await asyncio.wait_for(self._arrived.get(), within_s)

    def _read(self) -> None:
        """In a thread: take what comes."""
        while not self._over.is_set():
            try:
                body = self._courier.receive(POLL_S)
            except ServiceError:
                self._hand_over(None)
                return
            if body is not None:
                self._hand_over(body)

    def _hand_over(self, body: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the session has ended
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, body)

    async def end(self) -> None:
        """Take nothing more, and remove the queues."""
        self._over.set()
        await in_thread(self._reader.join, END_LIMIT_S)
        await in_thread(self._remove)

    def _remove(self) -> None:
        with contextlib.suppress(ServiceError):  # where the broker is gone, so are the connections
            self._courier.close()
        for queue in self._queues:
            with contextlib.suppress(ServiceError):  # and the queues
                ask_blocking(self._broker.peer, self._broker.remove_queue, queue)
