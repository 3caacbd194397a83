"""A trial where it is driven: what goes to the session, what comes from it."""

import asyncio
import queue
import threading
import zlib
from pathlib import Path

import pytest

from harness.driver.messages import Abort, Alive, FoldRows, Kill, Message, Ping, Pong, Ready, Recording, decode, encode
from harness.driver.remote import relay
from harness.driver.remote.relay import Relay, deliver
from harness.errors import ServiceError
from harness.recording.fold_terms import FoldTerms
from harness.recording.parcel import unpacked
from harness.recording.request_numbers import first_number
from harness.recording.rows import NUMBER
from tests.harness.recording.made_rows import MS, S, numbered, row

RECORDING = Recording(
    status="measured",
    error=None,
    opened_ns=1,
    closed_ns=2,
    issued=3,
    recorded=3,
    failures={},
    driver=None,
    loop_lag=None,
    clocks_comparable=True,
)


class Broker:
    """Both directions as lists; `gone` is what its courier raises."""

    def __init__(self, *says: Message) -> None:
        self.sent: list[bytes] = []
        self.gone: ServiceError | None = None
        self._coming: queue.Queue[bytes] = queue.Queue()
        for message in says:
            self._coming.put(encode(message))

    def send(self, body: bytes) -> None:
        """Keep it."""
        self.sent.append(body)

    def receive(self, within_s: float) -> bytes | None:
        """What the session says, one after the other."""
        if self.gone is not None:
            raise self.gone
        try:
            return self._coming.get(timeout=within_s)
        except queue.Empty:
            return None

    def messages(self) -> list[Message]:
        """What was sent, signs of life left out."""
        return [message for message in map(decode, self.sent) if not isinstance(message, Alive)]


class Process:
    """A driver that says what it is given to say; it reports once it has heard from the session or was killed."""

    def __init__(self, *says: Message, report: Recording | None = RECORDING) -> None:
        self.heard: list[Message] = []
        self.killed = False
        self._says = list(says)
        self._report = report
        self._reached = asyncio.Event()

    def send(self, message: Message) -> None:
        """Hear it."""
        self.heard.append(message)
        self._reached.set()

    def kill(self) -> None:
        """It ends without a report."""
        self.killed = True
        self._report = None
        self._reached.set()

    async def receive(self) -> Message | None:
        """What it has to say, then its report."""
        if self._says:
            return self._says.pop(0)
        await self._reached.wait()
        return self._report


async def test_messages_go_both_ways_until_the_driver_has_reported() -> None:
    """The recording is not sent yet: the process that has made it ends first."""
    broker, process = Broker(Abort("enough")), Process(Ready())
    assert await Relay(broker, process).run() == RECORDING
    assert broker.messages() == [Ready()]
    assert process.heard == [Abort("enough")]


async def test_the_clock_is_read_here_not_in_the_driver() -> None:
    """A driver under load would answer late."""
    broker, process = Broker(Ping(), Abort("enough")), Process()
    await Relay(broker, process).run()
    assert [type(message) for message in broker.messages()] == [Pong]
    assert process.heard == [Abort("enough")]


async def test_signs_of_life_come_by_themselves() -> None:
    """The first one at once."""
    broker, process = Broker(Abort("enough")), Process()
    await Relay(broker, process).run()
    assert decode(broker.sent[0]) == Alive()


async def test_the_session_can_have_the_driver_killed() -> None:
    """It ends without a recording."""
    broker, process = Broker(Kill()), Process()
    assert await Relay(broker, process).run() is None
    assert process.killed


async def test_without_a_broker_the_trial_is_ended_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody could be sent its recording."""
    broker, process = Broker(), Process()
    broker.gone = ServiceError("the broker redis://h did not answer: refused.")
    assert await Relay(broker, process).run() is None
    assert process.killed
    assert "its session cannot be reached: the broker redis://h did not answer: refused." in caplog.text


TERMS = FoldTerms(0, S, True)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Of a driver that is the second of its trial: three requests."""
    rows = numbered([row(n * MS) for n in range(3)])
    rows[:, NUMBER] += first_number(1)
    rows.tofile(tmp_path / "spool")
    return tmp_path / "spool"


def test_what_the_rows_amount_to_follows_the_recording_when_it_is_asked_for(spool: Path) -> None:
    """As bytes that are told from messages by how they begin; the rows stay here."""
    broker = Broker(Ping(), FoldRows(TERMS))
    deliver(broker, RECORDING, spool, 1)
    recording, figures = broker.sent
    assert decode(recording) == RECORDING
    assert figures.startswith(relay.FIGURES)
    assert unpacked(figures[1:], TERMS, 3).counts.ok == 3


def test_rows_that_the_user_keeps_follow_in_pieces(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte what was spooled."""
    monkeypatch.setattr(relay, "PIECE_BYTES", 100)
    broker = Broker(FoldRows(TERMS, rows=True))
    deliver(broker, RECORDING, spool, 1)
    pieces = [zlib.decompress(body[1:]) for body in broker.sent[2:]]
    assert [len(piece) for piece in pieces] == [100, 92]
    assert b"".join(pieces) == spool.read_bytes()


@pytest.mark.parametrize("says", [[Kill()], []])
def test_nothing_is_folded_that_nobody_asks_for(
    spool: Path, says: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial is over for another driver's sake, or its session has gone."""
    monkeypatch.setattr(relay, "ASKED_S", 0.0 if not says else 60.0)
    broker = Broker(*says)
    deliver(broker, RECORDING, spool, 1)
    assert broker.messages() == [RECORDING]


def test_rows_that_cannot_be_folded_are_told_to_nobody_but_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The session hears that the trial has been delivered, without figures."""
    broker = Broker(FoldRows(TERMS))
    deliver(broker, RECORDING, tmp_path / "none", 1)
    assert broker.messages() == [RECORDING]
    assert "the rows of the trial cannot be folded: " in caplog.text


def test_folding_that_does_not_end_is_given_up(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else its signs of life would go on for ever."""
    given_up = threading.Event()

    def fold(*_: object) -> None:
        given_up.wait()
        raise OSError("too late")

    monkeypatch.setattr(relay, "fold_spool", fold)
    monkeypatch.setattr(relay, "ALIVE_S", 0.001)
    monkeypatch.setattr(relay, "FOLD_S", 0.01)
    broker = Broker(FoldRows(TERMS))
    deliver(broker, RECORDING, spool, 1)
    given_up.set()
    assert broker.messages() == [RECORDING]
    assert "were not folded" in caplog.text
