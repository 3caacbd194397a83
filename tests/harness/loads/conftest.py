"""Whole trials of `sleep` (50 ms) on four slots, in virtual time; sides whose submitting and storing cost time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.fake import LEAST_S, Fake, Serve, echo
from harness.contenders.in_process.pausable import Pausable
from harness.loads.load import LoadFigures, parse_load
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.recording.spool import COLUMNS
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive
from workloads.workload import Payload, Workload

MS = NS // 1000

SLOTS, CAPACITY_PER_S = 4, 80.0

Run = Callable[..., tuple[Driven, LoadFigures]]


class Costly(Fake):
    """Submitting blocks the driver for a while, and a slot is busy for a while after each execution."""

    def __init__(self, serve: Serve = echo, *, publish_ms: int = 0, store_ms: int = 0) -> None:
        super().__init__(serve)
        self._costs_ms = publish_ms, store_ms

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """Nothing to connect to."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        assert assignment.slots is not None
        yield CostlySide(loop, assignment.slots, workload.ideal_s or LEAST_S, self._serve, *self._costs_ms)


class CostlySide(Pausable):
    """As the fake's, with those costs before and after an execution."""

    def __init__(
        self, loop: VirtualLoop, slots: int, service_s: float, serve: Serve, publish_ms: int, store_ms: int
    ) -> None:
        self._loop, self._slots, self._serve = loop, asyncio.Semaphore(slots), serve
        self._service_s, self._publish_ms, self._store_ms = service_s, publish_ms, store_ms

    async def submit(self, request: Request) -> Outcome:
        """Publish, wait at the gate and for a slot, execute, store."""
        self._loop._virtual.now_ns += self._publish_ms * MS
        published = self._loop.now_ns()
        if self._shut is not None:
            await self._shut.wait()
        async with self._slots:
            began = self._loop.now_ns()
            await asyncio.sleep(self._service_s)
            ended = self._loop.now_ns()
            await asyncio.sleep(self._store_ms / 1000)
        try:
            reply, error = self._serve(request.id, request.payload), None
        except OSError as raised:
            reply, error = None, f"OSError: {raised}"
        return Outcome(reply, error, published, began, ended, "fake", boot_id())


def failing(*numbers: int) -> Serve:
    """Those requests fail."""

    def serve(number: int, payload: Payload) -> Any:
        if number in numbers:
            raise OSError("injected")
        return echo(number, payload)

    return serve


def stalling(at: int, stall_ms: int) -> Serve:
    """The driver's loop is blocked for so long by that request."""

    def serve(number: int, payload: Payload) -> Any:
        if number == at:
            asyncio.get_running_loop()._virtual.now_ns += stall_ms * MS  # type: ignore[attr-defined]
        return echo(number, payload)

    return serve


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[Driven, LoadFigures]]:
    """A trial of `sleep` (50 ms) on four slots without warm-up, and what it amounts to."""

    def one(load: str, contender: object = None, slots: int = SLOTS, **changes: Any) -> tuple[Driven, LoadFigures]:
        spec = spec_of(tmp_path / "spool", load=load, **({"slots": slots, "warmup_s": 0.0} | changes))
        driven = drive(spec, SilentLink(), contender)
        assert driven.recording.status == "measured", driven.recording.error
        return driven, parse_load(load, "the test").figures(driven.fold, driven.recording.marks, slots)

    return one


def after_warm_up(tmp_path: Path, load: str, contender: object = None, **changes: Any) -> tuple[Driven, LoadFigures]:
    """A trial of `sleep` on four slots, and what it amounts to."""
    spec = spec_of(tmp_path / load.replace("/", "-"), load=load, slots=SLOTS, **changes)
    driven = drive(spec, SilentLink(), contender)
    assert driven.recording.status == "measured", driven.recording.error
    return driven, parse_load(load, "the test").figures(driven.fold, driven.recording.marks, SLOTS)


def kinds(figures: LoadFigures) -> list[str]:
    """The kinds of its doubts."""
    return [doubt.kind for doubt in figures.doubts]


def rows_of(spans: list[tuple[int, int]]) -> Any:
    """Good requests that were due, started and executed in those spans."""
    rows = [(number, begin, begin, begin, begin, end, end, 0) for number, (begin, end) in enumerate(spans)]
    return np.array(rows, dtype=np.int64).reshape(-1, len(COLUMNS))


def folded(spans: list[tuple[int, int]], comparable: bool = True) -> Folded:
    """These requests in a window of one second."""
    fold = Fold(FoldTerms(0, NS, comparable), len(spans))
    fold.add(rows_of(spans))
    return fold.folded()
