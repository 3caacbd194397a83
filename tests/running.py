"""Runs what tests are about: coroutines in virtual time, whole trials, processes until they end."""

import asyncio
import os
import select
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec
import numpy as np
import pytest

from harness.contenders.contender import Contender
from harness.contenders.fake import Fake
from harness.driver.driver import run_trial
from harness.driver.messages import Recording, TrialSpec
from harness.machine.clock import VirtualLoop
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.recording.rows import DUE, STATUS, Rows
from harness.recording.spool import COLUMNS, Status
from tests.builders import SilentLink

T = TypeVar("T")
ENDS_WITHIN_S = 20.0
ENGINE_WITHIN_S = 180.0
"""From when the first test asks for it; less than a test may take."""


class Driven(msgspec.Struct, frozen=True):
    """What became of a trial that a test drove."""

    recording: Recording
    rows: Rows
    fold: Folded
    link: SilentLink


def in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on a loop whose waits take no real time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def drive(spec: TrialSpec, link: SilentLink, contender: object = None) -> Driven:
    """Run a trial on its contender's own loop, in this process, and fold it."""
    contender = contender or Fake()
    assert isinstance(contender, Contender)
    with asyncio.Runner(loop_factory=contender.new_event_loop) as runner:
        recording = runner.run(run_trial(spec, link, contender))
    spool = Path(spec.spool)
    terms = FoldTerms(recording.opened_ns, recording.closed_ns, recording.clocks_comparable)
    fold = fold_spool(spool, terms, recording.issued)
    return Driven(recording, read_rows(spool), fold, link)


def due_of(rows: Rows) -> list[int]:
    """When each request was due, in the order of completion."""
    return rows[:, DUE].tolist()  # type: ignore[no-any-return]


def read_rows(spool: Path) -> Rows:
    """The rows of a spool, one a request."""
    return np.fromfile(spool, dtype=np.int64).reshape(-1, len(COLUMNS))


def endings(rows: Rows) -> dict[Status, int]:
    """How many requests ended as what."""
    return dict(Counter(Status(status) for status in rows[:, STATUS].tolist()))


def missing(reason: str) -> NoReturn:
    """End a test whose service is not there: skipped with the reason; failed in CI, where all services are."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def without_engine(reason: str) -> NoReturn:
    """End a test that needs a container engine, which a machine of CI may do without: `.ci/run` says so."""
    if _engine_said() == "none":
        pytest.skip(reason)
    missing(reason)


def await_engine() -> None:
    """Wait until `.ci/run`, which starts an engine beside the first tests, knows whether there is one."""
    deadline = time.monotonic() + ENGINE_WITHIN_S
    while _engine_said() == "" and time.monotonic() < deadline:
        time.sleep(0.5)


def _engine_said() -> str | None:
    """`there`, `none`, empty while that is not known; None outside CI."""
    said = os.environ.get("ENGINE_SAID")
    return None if said is None else Path(said).read_text().strip()


def ended(pid: int) -> bool:
    """Wait until a process (not necessarily this one's child) has ended; False where it does not."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(ENDS_WITHIN_S * 1000))
    finally:
        os.close(fd)


async def until(met: Callable[[], object]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + ENDS_WITHIN_S
    while not met():
        assert time.monotonic() < end
        await asyncio.sleep(0.001)
