"""The session's end of a conversation with a driver on another machine: one for each trial."""

import asyncio
import contextlib
import queue
import threading
from typing import Protocol

from harness.driver.remote.courier import Courier
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.services.brokers.broker import BrokerService
from harness.services.calls import ask_blocking

POLL_S = 0.2
END_LIMIT_S = 1.0
"""How long the end of a conversation is waited for; with a broker that is silent it comes later, or never."""


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
    """Over two queues of a broker; a thread each receives and sends, so that a silent broker holds nobody up."""

    def __init__(self, broker: BrokerService, name: str) -> None:
        """`name`: that of the conversation, on both sides."""
        self._broker = broker
        self._queues = f"{name}:up", f"{name}:down"
        self._courier = Courier(broker.place, into=self._queues[0], out=self._queues[1])
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def send(self, body: bytes) -> None:
        """Have it given to the broker, after all that was sent before."""
        self._outbox.put(body)

    def _write(self) -> None:
        """In a thread: give the broker what is to be sent."""
        with contextlib.suppress(ServiceError):  # the reader meets the same error, and ends the conversation
            while (body := self._outbox.get()) is not None:
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
        """Send what is waiting, take nothing more, and remove the queues."""
        self._over.set()
        self._outbox.put(None)
        with contextlib.suppress(TimeoutError):  # the thread goes on
            await asyncio.wait_for(in_thread(self._remove), END_LIMIT_S)

    def _remove(self) -> None:
        for thread in self._threads:
            thread.join()
        with contextlib.suppress(ServiceError):  # where the broker is gone, so are the connections
            self._courier.close()
        for name in self._queues:
            with contextlib.suppress(ServiceError):  # and the queues
                ask_blocking(self._broker.peer, self._broker.remove_queue, name)
