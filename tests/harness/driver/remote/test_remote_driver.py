"""A driver on another machine as the session sees it: its clock, its messages, its spool; in virtual time."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from harness.driver.messages import (
    Alive,
    Delivered,
    FoldRows,
    Hello,
    Kill,
    Ping,
    Ready,
    Recording,
    StartLoad,
)
from harness.driver.remote.relay import FIGURES
from harness.driver.remote.remote_driver import PINGS, RemoteDriver
from harness.driver.remote.waiting import WaitingDriver
from harness.errors import ServiceError
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.parcel import packed
from harness.recording.rows import DONE, DUE, STATUS, Rows
from harness.recording.spool import COLUMNS, Status
from harness.results.model import Latency
from tests.harness.driver.remote.far_machine import AHEAD_NS, ONE_WAY_S, FarMachine
from tests.running import in_virtual_time, read_rows

RECORDING = Recording(
    status="measured",
    error=None,
    opened_ns=AHEAD_NS + 100,
    closed_ns=AHEAD_NS + 200,
    issued=1,
    recorded=1,
    failures={},
    driver=None,
    loop_lag=None,
    clocks_comparable=True,
)


def meeting(spool: Path, test: Callable[[FarMachine, RemoteDriver], Awaitable[None]], boot: str = "another") -> None:
    """Run a test with a driver that has not been met yet."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        far = FarMachine(loop)
        who = WaitingDriver(name="driver-1@far", host="far", cpus=2, boot_id=boot)
        await test(far, RemoteDriver(who, far, spool, now_ns=loop.now_ns))

    in_virtual_time(run())


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """Where its rows are to lie."""
    return tmp_path / "spool"


def test_meeting_it_finds_out_how_far_its_clock_is_ahead(spool: Path) -> None:
    """To half of a round trip either way."""

    async def meets(far: FarMachine, driver: RemoteDriver) -> None:
        far.say(Hello())
        await driver.meet()
        assert driver.at.clock_offset_ms == 5000
        assert driver.at.clock_error_ms == pytest.approx(1000 * ONE_WAY_S)
        assert far.heard == [Ping()] * PINGS

    meeting(spool, meets)


def test_a_driver_under_the_same_kernel_has_the_same_clock(spool: Path) -> None:
    """No exchange could be as exact."""

    async def meets(far: FarMachine, driver: RemoteDriver) -> None:
        far.say(Hello())
        await driver.meet()
        assert (driver.at.clock_offset_ms, driver.at.clock_error_ms) == (0, 0)
        assert far.heard == []  # it is not even asked

    meeting(spool, meets, boot=boot_id())


def test_one_that_takes_no_trial_is_given_up_after_six_seconds(spool: Path) -> None:
    """Signs of life are no answer; the conversation is over."""

    async def never(far: FarMachine, driver: RemoteDriver) -> None:
        far.say(*[Alive()] * 3, after_s=2)
        with pytest.raises(ServiceError, match=r"^driver driver-1@far did not accept a trial within 6 s$"):
            await driver.meet()
        assert asyncio.get_running_loop().time() == pytest.approx(6)
        assert far.over

    meeting(spool, never)


def test_without_a_broker_it_is_given_up_at_once(spool: Path) -> None:
    """No six seconds are waited for what cannot come."""

    async def gone(far: FarMachine, driver: RemoteDriver) -> None:
        far.give(None)
        with pytest.raises(ServiceError, match="did not accept a trial"):
            await driver.meet()
        assert asyncio.get_running_loop().time() < 1

    meeting(spool, gone)


async def met(far: FarMachine, driver: RemoteDriver) -> None:
    """It has taken the trial."""
    far.say(Hello())
    await driver.meet()
    far.heard.clear()


def test_the_moment_to_start_is_told_by_its_own_clock(spool: Path) -> None:
    """Our second 7 is its second 12."""

    async def starts(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        driver.send(StartLoad(7 * NS, "window"))
        await asyncio.sleep(1)
        assert far.heard == [StartLoad(12 * NS, "window")]

    meeting(spool, starts)


def test_what_it_says_while_its_clock_is_asked_for_is_not_lost(spool: Path) -> None:
    """It is received afterwards."""

    async def early(far: FarMachine, driver: RemoteDriver) -> None:
        far.say(Hello(), Ready())
        await driver.meet()
        assert await driver.receive() == Ready()

    meeting(spool, early)


def test_signs_of_life_keep_the_session_waiting(spool: Path) -> None:
    """A trial of 20 s without another message; without signs, eight seconds of silence are the end."""

    async def alive(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        for second in range(20):
            far.say(Alive(), after_s=second)
        far.say(Ready(), after_s=20)
        assert await driver.receive() == Ready()
        begin = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await driver.receive()
        assert asyncio.get_running_loop().time() - begin == pytest.approx(8)

    meeting(spool, alive)


def rows_by_its_clock() -> Rows:
    """Of its only request: a stamp of 0 stands for none."""
    stamps = dict.fromkeys(COLUMNS, 0) | {"due": AHEAD_NS + 110, "done": AHEAD_NS + 150}
    return np.array([list((stamps | {"status": Status.OK}).values())], dtype=np.int64)


def figures(terms: FoldTerms) -> bytes:
    """What it makes of them."""
    fold = Fold(terms, 1)
    fold.add(rows_by_its_clock())
    return FIGURES + packed(fold.folded())


TERMS = FoldTerms(100, 200, True)


def test_what_its_rows_amount_to_is_by_our_clock(spool: Path) -> None:
    """It is asked for by its own; then the trial has been delivered, and is not to be ended."""

    async def delivers(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        far.say(RECORDING)
        assert await driver.receive() == msgspec.structs.replace(RECORDING, opened_ns=100, closed_ns=200)
        far.give(figures(TERMS.moved(AHEAD_NS)), after_s=20)
        for second in range(0, 25, 5):
            far.say(Alive(), after_s=second)
        far.say(Delivered(), after_s=21)
        found = await driver.folded(TERMS, 1, rows=False)
        assert (found.counts.ok, found.terms) == (1, TERMS)
        assert found.latency("latency") == latency_of_one(40e-6)
        driver.kill()
        await asyncio.sleep(1)
        assert far.heard == [FoldRows(TERMS.moved(AHEAD_NS))]

    meeting(spool, delivers)


def latency_of_one(ms: float) -> Latency:
    """Too few for percentiles."""
    return Latency(min=ms, mean=ms, p50=None, p90=None, p99=None, p999=None, max=ms)


def test_rows_that_the_user_keeps_come_too_and_by_our_clock(spool: Path) -> None:
    """In pieces that may end within a row; a stamp of 0 stands for none and stays."""
    rows = rows_by_its_clock().tobytes()

    async def delivers(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        far.say(RECORDING)
        await driver.receive()
        far.give(figures(TERMS.moved(AHEAD_NS)))
        for piece in (rows[:20], rows[20:]):
            far.give(b"S" + zlib.compress(piece))
        far.say(Delivered())
        await driver.folded(TERMS, 1, rows=True)
        assert read_rows(spool)[0, [0, DUE, DUE + 1, DONE, STATUS]].tolist() == [0, 110, 0, 150, Status.OK]

    meeting(spool, delivers)


@pytest.mark.parametrize(
    ("bodies", "says"),
    [
        ([], "did not say what its requests amount to"),
        ([figures(TERMS)], "figures that no trial has, or of another one"),
        ([b"S" + zlib.compress(b"x")], "more stamps than its recording has requests"),
    ],
    ids=["none", "of another window", "rows that nobody asked for"],
)
def test_a_driver_that_does_not_say_what_its_rows_amount_to_is_refused(
    spool: Path, bodies: list[bytes], says: str
) -> None:
    """Nothing of it is counted."""

    async def fails(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        far.say(RECORDING)
        await driver.receive()
        for body in bodies:
            far.give(body)
        far.say(Delivered())
        with pytest.raises(ServiceError, match=says):
            await driver.folded(TERMS, 1, rows=False)

    meeting(spool, fails)


def test_a_driver_that_folds_for_ever_has_a_deadline(spool: Path) -> None:
    """Half a minute, and a second more for 100,000 requests, whatever signs of life it gives."""

    async def never(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        far.say(RECORDING)
        await driver.receive()
        begin = asyncio.get_running_loop().time()
        for second in range(100):
            far.say(Alive(), after_s=second)
        with pytest.raises(ServiceError, match="did not say in time"):
            await driver.folded(TERMS, 200_000, rows=False)
        assert asyncio.get_running_loop().time() - begin == pytest.approx(32)

    meeting(spool, never)


def test_a_trial_that_ended_without_a_recording_has_none(spool: Path) -> None:
    """Its process died: all that was delivered is that nothing comes."""

    async def dies(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        far.say(Delivered())
        assert await driver.receive() is None

    meeting(spool, dies)


def test_one_that_runs_can_be_killed(spool: Path) -> None:
    """By a message; then the conversation ends."""

    async def kills(far: FarMachine, driver: RemoteDriver) -> None:
        await met(far, driver)
        driver.kill()
        await asyncio.sleep(1)
        assert far.heard == [Kill()]
        assert await driver.ended() is None
        assert far.over

    meeting(spool, kills)
