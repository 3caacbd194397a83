"""The messages between a session and its drivers: JSON lines over a socket pair."""

import asyncio
import contextlib
import socket
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from harness.contenders.contender import Assignment
from harness.loads.shared.arrivals import ARRIVALS_MOST, GAP_US_MOST
from harness.machine.usage import Reading
from harness.recording.fold_terms import FoldTerms
from harness.results.encoding import encoded
from harness.results.model import Look, LoopLag
from harness.services.url import Url

LINE_LIMIT = 4 * 2**20
Begun = Literal["load", "window"]
"""What drivers that share a trial begin together."""
Moment = Literal["opened", "between", "closed"]
"""Of the measured window: those at which the session reads the other roles' usage."""
TrialOutcome = Literal["measured", "disqualified", "failed"]
"""Of a trial, as its driver reports it."""


class TrialSpec(msgspec.Struct, frozen=True, kw_only=True, tag="trial"):
    """All that a driver needs to run one trial."""

    contender: str
    assignment: Assignment
    params: dict[str, Any]
    load: str
    warmup_s: float
    warmup_requests: int = 0
    """Requests that are served before the window opens, at the least."""
    duration_s: float | None
    requests: int | None
    timeout_s: float
    seed: int
    spool: str
    driver: int = 0
    """Its index among the trial's drivers."""
    together: bool = False
    """Whether it waits for the others before it begins."""
    rest_s: float | None = None
    """How long the warm-up may wait for rest; None: as long as deadlines allow."""
    stretch_s: float | None = None
    """To no more than this the window is stretched; None: as far as its responses take."""
    look: bool = False
    """Whether it looks at the work itself (`harness.driver.look`)."""
    gaps_us: Annotated[list[Annotated[int, Meta(ge=0, le=GAP_US_MOST)]], Meta(max_length=ARRIVALS_MOST)] = []
    """Of recorded arrivals, from each to the next: a driver is given the times, and no file."""
    at_most: int | None = None
    """Requests that it may issue, with its first one; None: as many as the load brings."""
    issued_before: int = 0
    """Requests that an earlier process of the same application has issued, where it died."""
    sampled: bool
    """Whether the session reads other roles' usage, so that the load must go on until it has."""


class Running(msgspec.Struct, frozen=True, tag="running"):
    """Driver → session: the driver runs."""

    pid: int


class LoadProgress(msgspec.Struct, frozen=True, tag="load_progress"):
    """Driver → session, a few times a second: requests ended so far, and the middle latency of the last ones."""

    done: int
    seconds: float
    latency_ms: float | None = None


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Driver → session, where several share a trial: it waits for `StartLoad` of the same.

    For the load, the first reply was right; for the window, its load is at rest, and goes on.
    """

    what: Begun = "load"


class StartLoad(msgspec.Struct, frozen=True, tag="start_load"):
    """Session → driver: begin the load, or open the window, at that moment of the driver's clock."""

    at_ns: int
    what: Begun = "load"


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Driver on another machine → session: it has taken the trial."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Driver on another machine → session: it does not take the trial."""

    reason: Annotated[str, msgspec.Meta(max_length=4000)]


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """Session → driver on another machine: asks for its clock."""


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """Driver on another machine → session: its clock, in ns."""

    at_ns: int


class Alive(msgspec.Struct, frozen=True, tag="alive"):
    """Driver on another machine → session, every second."""


class Kill(msgspec.Struct, frozen=True, tag="kill"):
    """Session → driver on another machine: end the trial's process."""


class FoldRows(msgspec.Struct, frozen=True, tag="fold_rows"):
    """Session → driver on another machine, once it has all recordings: fold what you have spooled, by your clock."""

    terms: FoldTerms
    rows: bool = False
    """Whether to send the rows too, because the user keeps them."""


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """Driver on another machine → session: the last message of this trial."""


class WindowOpened(msgspec.Struct, frozen=True, tag="window_opened"):
    """Driver → session: the measured window is open."""


class BetweenParts(msgspec.Struct, frozen=True, tag="between_parts"):
    """Driver → session: a load of two parts is between them; the second begins after `UsageRead`."""


class MemoryAt(msgspec.Struct, frozen=True, tag="memory_at"):
    """Driver → session: the load is at a moment of that name, whose memory matters; it goes on."""

    name: str


class WindowClosed(msgspec.Struct, frozen=True, tag="window_closed"):
    """Driver → session: the measured window has closed; the load goes on until `UsageRead`."""


class UsageRead(msgspec.Struct, frozen=True, tag="usage_read"):
    """Session → driver: every other role's usage has been read."""

    after: Moment


class Abort(msgspec.Struct, frozen=True, tag="abort"):
    """Session → driver: end the trial now, report what is known."""

    reason: str


class Recording(msgspec.Struct, frozen=True, kw_only=True, tag="recording"):
    """Driver → session: what the trial measured; the stamps lie in the spool, until they are folded."""

    status: TrialOutcome
    """`disqualified`: a reply was wrong."""
    error: str | None
    opened_ns: int
    closed_ns: int
    issued: int
    recorded: int
    failures: dict[str, tuple[int, str]]
    driver: tuple[Reading, Reading] | None
    driver_between: Reading | None = None
    """Between the two parts of a load that has two."""
    loop_lag: LoopLag | None
    clocks_comparable: bool
    """Whether the workers' stamps and the driver's come from one machine."""
    loop_busy: float | None = None
    loop_blocked: float | None = None
    """Shares of the window in which the event loop was held by a callback, and for long at a time."""
    loop_longest_ms: float | None = None
    """The longest that it was held at a time, without what it waited for a core; None where it is not known."""
    measures: dict[str, tuple[int, float]] = {}
    """The figures that the workload measures: key → their number and their sum."""
    replies: dict[int, Any] = {}
    """Those that are held against other trials' replies, by the number of their payload."""
    marks: dict[str, int] = {}
    """Moments that the load noted, by name, in ns of the driver's clock."""
    memory_mb: dict[str, float] = {}
    """Of the driver at moments of the load, by name."""
    at_rest: bool = True
    """Whether the load was seen to be at rest when a steady window opened."""
    look: Look | None = None
    """What was seen of the work itself."""
    debug: bool = False
    """Whether the driver's interpreter or event loop ran in debug mode."""


Far = Hello | Refused | Ping | Pong | Alive | Kill | FoldRows | Delivered
"""Messages that only drivers on other machines exchange."""
Message = (
    Running
    | LoadProgress
    | Ready
    | StartLoad
    | WindowOpened
    | BetweenParts
    | MemoryAt
    | WindowClosed
    | UsageRead
    | Abort
    | Recording
    | TrialSpec
    | Far
)


def _plain(value: Any) -> Any:
    """A URL with its secrets: the session's own drivers connect with it, over a socket that nobody else has."""
    if isinstance(value, Url):
        return value.reveal()
    raise NotImplementedError(type(value).__name__)


def _typed(kind: type, value: Any) -> Any:
    if kind is Url and isinstance(value, str):
        return Url.parse(value, "the message", "redis://HOST")
    raise NotImplementedError(kind.__name__)


def encode(message: Message) -> bytes:
    """One message."""
    return encoded(message, _plain)


_decoder = msgspec.json.Decoder(Message, dec_hook=_typed)


def decode(line: bytes) -> Message:
    """One message."""
    message: Message = _decoder.decode(line)
    return message


class Link:
    """One end of the socket pair."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> "Link":
        """Wrap a connected socket for the running loop."""
        return cls(*await asyncio.open_connection(sock=sock, limit=LINE_LIMIT))

    def send(self, message: Message) -> None:
        """Queue a message; it leaves when the loop comes round."""
        self._writer.write(encode(message) + b"\n")

    async def receive(self) -> Message | None:
        """The next message; None when the other end is gone."""
        try:
            line = await self._reader.readline()
        except ConnectionError:
            return None
        return decode(line) if line.endswith(b"\n") else None

    async def close(self) -> None:
        """Send what is queued, then close."""
        with contextlib.suppress(ConnectionError):  # the other end was faster
            await self._writer.drain()
            self._writer.close()
            await self._writer.wait_closed()
