"""Drivers on other machines, as the session sees them: each is a Celery worker that waits for trials to drive."""

import asyncio
import contextlib
import threading
import time
import uuid
import zlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import msgspec

from harness.contenders.celery.control import ask, send_task
from harness.contenders.contender import WorkersPlace
from harness.driver.messages import (
    Alive,
    Delivered,
    Hello,
    Kill,
    Message,
    Ping,
    Pong,
    Recording,
    StartLoad,
    TrialSpec,
    decode,
    encode,
)
from harness.driver.remote.clock_offset import Exchange, Offset, by_our_clock, offset_of, rows_by_our_clock
from harness.driver.remote.courier import Courier
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id
from harness.results.model import DriverAt
from harness.services.brokers.broker import BrokerService

TASK = "workbench.drive"
DESCRIBE = "workbench_driver"
FIND_S = 2.0
HELLO_S = 6.0
SILENT_S = 8.0
"""A driver says every second that it is there."""
PINGS = 15
POLL_S = 0.2
MESSAGE = b"{"
"""How a message begins; anything else is a piece of the spool."""


class WaitingDriver(msgspec.Struct, frozen=True):
    """A driver that answered."""

    name: str
    host: str
    cpus: int
    boot_id: str
    queue: str


async def waiting_drivers(broker: BrokerService) -> list[WaitingDriver]:
    """All drivers that wait on a broker, by name; raises ServiceError for one that runs something else."""
    from harness.contenders.celery.config import runs

    place = WorkersPlace(broker=broker.place, queue="", log=Path())
    answers = await ask(place, DESCRIBE, None, None, FIND_S)
    for name, answer in answers.items():
        theirs = answer["runs"]
        differing = [f"{key} {theirs.get(key)!r}" for key, value in runs().items() if theirs.get(key) != value]
        if differing:
            raise ServiceError(
                f"driver {name} is not like this harness: it has {', '.join(differing)}. "
                "Install the same version on both."
            )
    return [msgspec.convert(answer | {"name": name}, WaitingDriver) for name, answer in sorted(answers.items())]


class RemoteForkServer:
    """One such driver: drives one trial after another (see `harness.driver.fork_server.ForkServer`)."""

    def __init__(self, who: WaitingDriver, broker: BrokerService, modules: Sequence[str]) -> None:
        self.who = who
        self._broker = broker
        self._modules = list(modules)

    async def start(self) -> None:
        """It runs already."""

    async def fork(self, spec: TrialSpec) -> "RemoteDriver":
        """Have it drive a trial; raises ServiceError where it does not answer."""
        conversation = f"{self.who.queue}:{uuid.uuid4().hex[:12]}"
        driver = RemoteDriver(self.who, self._broker, conversation, Path(spec.spool))
        arguments = [encode(spec).decode(), self._modules, conversation]
        await in_thread(send_task, self._broker.place, TASK, arguments, self.who.queue)
        await driver.meet()
        return driver

    async def stop(self, grace_s: float) -> None:
        """It goes on waiting for other runs."""


class RemoteDriver:
    """One trial on that driver."""

    lead_s = 0.3
    """How long before they begin drivers are told so."""

    def __init__(self, who: WaitingDriver, broker: BrokerService, conversation: str, spool: Path) -> None:
        self._who = who
        self._broker = broker
        self._spool = spool
        self._queues = f"{conversation}:up", f"{conversation}:down"
        self._courier = Courier(broker.place, into=self._queues[0], out=self._queues[1])
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._delivered = False
        self._aside: deque[Message] = deque()
        """What it said while its clock was asked for."""
        self._offset = Offset(0, 0)

    @property
    def at(self) -> DriverAt:
        """Where it is, for the results document."""
        return DriverAt(
            name=self._who.name,
            host=self._who.host,
            cpus=self._who.cpus,
            boot_id=self._who.boot_id,
            clock_offset_ms=self._offset.ns / 1e6,
            clock_error_ms=self._offset.error_ns / 1e6,
        )

    async def meet(self) -> None:
        """Wait until it has taken the trial, and find out how far its clock is from ours."""
        self._spool.write_bytes(b"")
        self._reader.start()
        try:
            async with asyncio.timeout(HELLO_S):
                while not isinstance(await self._next(), Hello):
                    pass
                exchanges = [await self._exchange() for _ in range(PINGS)]
        except TimeoutError:
            await self.ended()
            raise ServiceError(f"driver {self._who.name} took no trial within {HELLO_S:g} s") from None
        self._offset = Offset(0, 0) if self._who.boot_id == boot_id() else offset_of(exchanges)

    async def _exchange(self) -> Exchange:
        sent = time.monotonic_ns()
        self.send(Ping())
        while not isinstance(answer := await self._next(), Pong):
            if answer is not None:
                self._aside.append(answer)
        return Exchange(sent, answer.at_ns, time.monotonic_ns())

    def send(self, message: Message) -> None:
        """Give it to the broker."""
        if isinstance(message, StartLoad):
            message = StartLoad(message.at_ns + self._offset.ns)
        with contextlib.suppress(Exception):  # a broker that has gone is told by whoever waits for an answer
            self._courier.send(encode(message))

    async def receive(self) -> Message | None:
        """Its next message; None when it has ended. Its recording comes once the whole spool is here."""
        if self._aside:
            return self._aside.popleft()
        recording: Recording | None = None
        while (message := await self._next()) is not None:
            if isinstance(message, Recording):
                recording = message
            elif isinstance(message, Delivered):
                self._delivered = True
                if recording is None:
                    return None
                await in_thread(rows_by_our_clock, self._spool, self._offset)
                return by_our_clock(recording, self._offset)
            elif not isinstance(message, (Alive, Hello, Pong)):
                return message
        return None

    async def _next(self) -> Message | None:
        """The next message; pieces of the spool are written down meanwhile. Raises TimeoutError where none comes."""
        while (body := await asyncio.wait_for(self._arrived.get(), SILENT_S)) is not None:
            if body.startswith(MESSAGE):
                return decode(body)
            with self._spool.open("ab") as file:
                file.write(zlib.decompress(body[1:]))
        return None

    def _read(self) -> None:
        """In a thread: take what comes."""
        while not self._over.is_set():
            try:
                body = self._courier.receive(POLL_S)
            except Exception:  # the broker is gone
                self._hand_over(None)
                return
            if body is not None:
                self._hand_over(body)

    def _hand_over(self, body: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, body)

    def kill(self) -> None:
        """Have it end the trial at once; harmless when it has ended."""
        if not self._delivered:
            self.send(Kill())

    async def ended(self) -> str | None:
        """Forget the conversation."""
        self._over.set()
        await in_thread(self._reader.join, 2.0)
        await in_thread(self._tidy)
        return None

    def _tidy(self) -> None:
        with contextlib.suppress(Exception):
            self._courier.close()
        for queue in self._queues:
            with contextlib.suppress(ServiceError):
                self._broker.remove_queue(queue)
