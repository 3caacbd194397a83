"""Throughput is right wherever a window begins and ends: in mid-wave, and of requests that are several tasks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.fake import Fake, FakeSide
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from tests.builders import SilentLink, spec_of
from tests.harness.loads.test_rest import InBody, fixed
from tests.running import drive
from workloads.workload import Workload

PARTS, PART_S = 4, 0.1


class Chord(Fake):
    """A request is `PARTS` tasks at once and, when all have ended, one more; each takes a slot."""

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """Nothing to connect to."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        yield ChordSide(loop, assignment.slots, PART_S, lambda *_: None)


class ChordSide(FakeSide):
    """Stamps are those of the last task alone."""

    async def submit(self, request: Request) -> Outcome:
        """The header, then the body."""
        await asyncio.gather(*(self._task() for _ in range(PARTS)))
        start = await self._task()
        return Outcome(request.payload["seconds"], None, 0, start, self._now(), "fake", boot_id())

    async def _task(self) -> int:
        """When it began."""
        async with self._slots:
            start = self._now()
            await asyncio.sleep(self._service_s)
        return start


@pytest.mark.parametrize("slots", [1, 3, 8])
@pytest.mark.parametrize("duration_s", [5.0, 5.03, 5.17, 5.249])
def test_a_chord_counts_by_its_whole_time(tmp_path: Path, slots: int, duration_s: float) -> None:
    """Slots ÷ the time that its tasks take together; where its stamps are not its own, its time from start to end."""
    spec = spec_of(tmp_path / "spool", slots=slots, load="closed:24", warmup_s=0.2, duration_s=duration_s)
    run = drive(spec, SilentLink(), Chord())
    recording = run.recording
    assert recording.at_rest
    terms = FoldTerms(recording.opened_ns, recording.closed_ns, True, stamped=False)
    fold = fold_spool(Path(spec.spool), terms, recording.issued)
    assert fold.throughput_per_s == pytest.approx(slots / ((PARTS + 1) * PART_S), rel=0.005)


@pytest.mark.parametrize("warmup_s", [0.2, 0.31, 0.47, 0.6])
@pytest.mark.parametrize("duration_s", [5.0, 5.17, 5.25, 5.499])
@pytest.mark.parametrize(("places", "clients"), [(8, 16), (5, 12), (1, 3)])
def test_both_ends_of_a_window_may_lie_in_mid_wave(
    tmp_path: Path, places: int, clients: int, warmup_s: float, duration_s: float
) -> None:
    """An executor within the work serves in lockstep: durations are whole waves, and the window's edges cut them."""
    spec = spec_of(tmp_path / "spool", slots=1000, load=f"closed:{clients}", warmup_s=warmup_s, duration_s=duration_s)
    run = drive(spec, SilentLink(), InBody(places, fixed(0.5)))
    assert run.recording.opened_ns > warmup_s * NS
    assert run.fold.throughput_per_s == pytest.approx(places / 0.5, rel=0.005)
