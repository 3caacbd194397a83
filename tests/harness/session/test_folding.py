"""What a trial's drivers recorded together: all fold at once, however many there are."""

import asyncio
from pathlib import Path
from typing import cast

import msgspec
import pytest

from harness.driver.messages import Delivered, FoldRows, Hello, Message, Recording
from harness.driver.remote.relay import FIGURES
from harness.driver.remote.remote_driver import RemoteDriver
from harness.driver.remote.waiting import WaitingDriver
from harness.errors import ServiceError
from harness.machine.clock import VirtualLoop
from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.recording.parcel import packed
from harness.results.model import DriverAt
from harness.session.folding import fold_all
from harness.session.forking import end_all
from tests.harness.driver.remote.far_machine import AHEAD_NS, FarMachine
from tests.harness.recording.made_rows import S, numbered, row
from tests.harness.session.doubles import recording_of
from tests.harness.session.driver_doubles import DriverDouble
from tests.running import in_virtual_time

TERMS = FoldTerms(0, S, True)
FOLDING_S = 0.5


class Folding(FarMachine):
    """Has driven a request, and takes half a second to fold it."""

    def _hear(self, message: Message) -> None:
        super()._hear(message)
        if isinstance(message, FoldRows):
            fold = Fold(message.terms, 1)
            fold.add(numbered([row(AHEAD_NS)]))
            self.give(FIGURES + packed(fold.folded()), after_s=FOLDING_S)
            self.say(Delivered(), after_s=FOLDING_S + 0.001)


def trial_of(drivers: int) -> tuple[float, set[int], Folded]:
    """Begin, end and collection of a trial: its seconds, how much was said to each driver, what it amounts to."""

    async def run() -> tuple[float, set[int], Folded]:
        loop = cast(VirtualLoop, asyncio.get_running_loop())
        far = [Folding(loop) for _ in range(drivers)]
        who = WaitingDriver(name="driver", host="far", cpus=2, boot_id="another")
        given = [RemoteDriver(who, machine, Path("/dev/null"), now_ns=loop.now_ns) for machine in far]
        recording = recording_of(opened_ns=AHEAD_NS, closed_ns=AHEAD_NS + S)
        for machine in far:
            machine.say(Hello())
        await asyncio.gather(*(driver.meet() for driver in given))
        for machine in far:
            machine.say(recording)
        recordings = cast(list[Recording], await asyncio.gather(*(driver.receive() for driver in given)))
        folded = await fold_all(given, recordings, TERMS, rows=False)
        assert await end_all(given) == [None] * len(given)
        assert all(machine.over for machine in far)
        return loop.time(), {len(machine.heard) for machine in far}, folded

    return in_virtual_time(run())


def test_sixteen_drivers_take_as_long_as_two() -> None:
    """As many messages each, and no wait of one for another."""
    few_s, few_heard, _ = trial_of(2)
    many_s, many_heard, folded = trial_of(16)
    assert many_s == pytest.approx(few_s, rel=0.001)
    assert many_heard == few_heard == {15 + 1}
    assert (folded.counts.ok, len(folded.endings)) == (16, 16)


async def test_a_driver_that_cannot_fold_is_named() -> None:
    """Which one, of how many, where; what the others say is not waited for in vain."""

    class Failing(DriverDouble):
        async def folded(self, terms: FoldTerms, issued: int, *, rows: bool) -> Folded:
            raise ServiceError("it sent figures that cannot be read: x")

    at = DriverAt(name="d2@far", host="far", cpus=2, boot_id="b", clock_offset_ms=0.0, clock_error_ms=0.0)
    recordings = [recording_of(), msgspec.structs.replace(recording_of(), issued=2)]
    with pytest.raises(ServiceError, match=r"^driver 2 of 2 \(d2@far\): it sent figures that cannot be read: x$"):
        await fold_all([DriverDouble(), Failing(at=at)], recordings, TERMS, rows=False)
