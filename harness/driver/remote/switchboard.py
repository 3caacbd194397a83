"""All conversations of a session with drivers on other machines, over one broker.

However many drivers there are, the session has one thread that reads there and one that writes, each with a connection
of its own, because one waits while the other sends. All drivers answer into one queue, and say to which conversation.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable

from harness.contenders.celery.control import publish
from harness.contenders.celery.queues import waiting_queue, withdraw
from harness.driver.remote.courier import Inbox, Letter, Outbox
from harness.errors import ServiceError
from harness.machine.deadline import in_time
from harness.machine.threads import in_thread
from harness.services.brokers.broker import BrokerPlace, peer_of
from harness.services.calls import as_service_error

POLL_S = 0.2
END_LIMIT_S = 1.0
"""How long an end is waited for; with a broker that is silent it comes later, or never."""
Task = Callable[[Outbox], None]


def mailbox_of(run: str) -> str:
    """The queue in which all drivers answer to the run of that name."""
    return f"{run}:drivers"


class Switchboard:
    """Of one run on one broker; threads and connections are there from its first conversation on."""

    def __init__(self, place: BrokerPlace, run: str) -> None:
        self._place = place
        self._mailbox = mailbox_of(run)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arriving: dict[str, asyncio.Queue[bytes | None]] = {}
        """By conversation."""
        self._outbox: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._ending = threading.Event()
        self._writing = threading.Thread(target=self._write, daemon=True)
        self.is_over = False
        """Whether the broker has gone: nothing can come any more."""

    def open(self, name: str) -> asyncio.Queue[bytes | None]:
        """What arrives for a conversation from now on; None is the last."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._writing.start()
            threading.Thread(target=self._read, daemon=True).start()
        self._arriving[name] = asyncio.Queue()
        if self.is_over:
            self._arriving[name].put_nowait(None)
        return self._arriving[name]

    def order(self, task: str, arguments: list[str], name: str) -> None:
        """Have the driver that waits on the queue of that name execute a task."""
        waiting = waiting_queue(name, self._place)
        self._outbox.put(lambda outbox: publish(self._place, task, arguments, waiting, outbox.producer))

    def withdraw(self, name: str) -> None:
        """Take back what the driver that waits on the queue of that name has not taken: it is not waited for."""
        self._outbox.put(lambda outbox: withdraw(name, self._place, outbox.producer.channel))

    def send(self, name: str, about: str, body: bytes) -> None:
        """Have it given to the broker, after all that was sent before; that it has gone is seen by who receives."""
        self._outbox.put(lambda outbox: outbox.put(name, Letter(about, body)))

    async def end(self, about: str, name: str) -> None:
        """Take nothing more for a conversation, and remove the queue in which its driver was sent messages."""
        del self._arriving[about]
        removed = asyncio.Event()

        def remove(outbox: Outbox) -> None:
            outbox.remove(name)
            self._tell(removed.set)

        if not self.is_over:
            self._outbox.put(remove)
            with contextlib.suppress(TimeoutError):  # the broker is silent: it comes later, or the queue expires
                await in_time(END_LIMIT_S, removed.wait())

    async def close(self) -> None:
        """Send what is waiting, take nothing more, and remove the queue in which drivers answer."""
        if self._loop is None or self.is_over:
            return
        self._ending.set()
        self._outbox.put(lambda outbox: outbox.remove(self._mailbox))
        self._outbox.put(None)
        with contextlib.suppress(TimeoutError):  # the thread goes on, as the one that reads does for a moment
            await in_time(END_LIMIT_S, in_thread(self._writing.join))

    def _write(self) -> None:
        """In a thread: give the broker what is to be given."""
        with contextlib.suppress(ServiceError), as_service_error(peer_of(self._place.url)):  # whoever waits is told
            outbox = Outbox(self._place)
            while (task := self._outbox.get()) is not None:
                task(outbox)
            outbox.close()
            return
        self._tell(self._has_gone)

    def _read(self) -> None:
        """In a thread: take what comes."""
        with contextlib.suppress(ServiceError), as_service_error(peer_of(self._place.url)):  # whoever waits is told
            inbox = Inbox(self._place, self._mailbox)
            while not self._ending.is_set():
                if (letter := inbox.get(POLL_S)) is not None:
                    self._tell(self._hand_over, letter)
            inbox.close()
            return
        self._tell(self._has_gone)

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the session has ended
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call, *arguments)

    def _hand_over(self, letter: Letter) -> None:
        """To its conversation; what belongs to none, or to one that has ended, is dropped."""
        if (arriving := self._arriving.get(letter.about)) is not None:
            arriving.put_nowait(letter.body)

    def _has_gone(self) -> None:
        """The broker: whoever waits is told so."""
        self.is_over = True
        self._outbox.put(None)
        self._ending.set()
        for arriving in self._arriving.values():
            arriving.put_nowait(None)
