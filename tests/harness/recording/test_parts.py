"""What became of each kind of job: good replies of the window alone, held against what they take alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.machine.clock import NS
from harness.recording.parts import parts_of
from harness.recording.spool import Status
from workloads.catalogue.mix import Mix, MixParams
from workloads.catalogue.noop import Noop
from workloads.workload import Services, Workload

MS = NS // 1000


def spooled(path: Path, rows: list[tuple[int, int, int, int, Status]]) -> Path:
    """Requests of that number, due, started and done at those ms, and their ending."""
    full = [(n, due * MS, start * MS, 0, 0, 0, done * MS, int(status)) for n, due, start, done, status in rows]
    np.array(full, dtype=np.int64).tofile(path)
    return path


def mix(jobs: str = "95%:20ms,5%:100ms") -> Workload[Any]:
    """Short jobs of 20 ms and long ones of 100 ms."""
    return Mix(MixParams(jobs=jobs), Services(), 1)


def test_each_kind_has_its_own_figures(tmp_path: Path) -> None:
    """From when each was due; what failed, and what was due outside the window, is left out."""
    made = mix()
    long = next(number for number in range(100) if made.part(number).name == "long")  # type: ignore[union-attr]
    first, second, third, fourth = [n for n in range(5) if n != long][:4]
    rows = [
        (first, 0, 10, 30, Status.OK),
        (second, 10, 10, 60, Status.OK),
        (third, 20, 20, 900, Status.FAILED),
        (fourth, 1000, 1000, 9000, Status.OK),
        (long, 50, 60, 200, Status.OK),
    ]
    found = parts_of([spooled(tmp_path / "spool", rows)], 0, NS, made)
    assert {name: part.jobs for name, part in found.items()} == {"long": 1, "short": 2}
    assert found["short"].latency_ms.mean == pytest.approx(40.0)
    assert found["short"].alone_ms.mean == pytest.approx(20.0)
    assert found["short"].slowdown == {"mean": pytest.approx(2.0)}
    assert found["long"].slowdown == {"mean": pytest.approx(1.5)}
    assert found["short"].shortfall_ms == pytest.approx(0.0)


def test_percentiles_need_enough_jobs(tmp_path: Path) -> None:
    """Those of 1,000 short jobs: half of them wait for as long again as they take."""
    rows = [(number, 0, 0, 20 if number % 2 else 40, Status.OK) for number in range(1000)]
    part = parts_of([spooled(tmp_path / "spool", rows)], 0, NS, mix("100%:20ms"))["short"]
    assert part.latency_ms.p99 == pytest.approx(40.0, rel=0.01)
    assert part.slowdown["p99"] == pytest.approx(2.0, rel=0.01)


def test_no_percentile_is_beyond_the_longest_job(tmp_path: Path) -> None:
    """A counter stands for the highest of its values, which none of these jobs took."""
    rows = [(number, 0, 0, 901, Status.OK) for number in range(1000)]
    latency = parts_of([spooled(tmp_path / "spool", rows)], 0, NS, mix("100%:20ms"))["short"].latency_ms
    assert (latency.mean, latency.p50, latency.p99) == (901.0, 901.0, 901.0)


def test_a_job_that_was_done_too_soon_is_seen(tmp_path: Path) -> None:
    """From its start, whenever it was due: it cannot take less than it waits for."""
    rows = [(0, 0, 50, 65, Status.OK)]
    part = parts_of([spooled(tmp_path / "spool", rows)], 0, NS, mix("100%:20ms"))["short"]
    assert part.shortfall_ms == pytest.approx(5.0)


def test_work_of_one_kind_has_none(tmp_path: Path) -> None:
    """Nor is its spool read again."""
    assert parts_of([tmp_path / "missing"], 0, NS, Noop(Noop.Params(), Services(), 1)) == {}
