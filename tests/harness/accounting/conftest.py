"""Readings of roles, and trials of `fake` that are accounted with them."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from harness.accounting.conditions import TrialConditions
from harness.accounting.summary import Floor, summary_of
from harness.accounting.trial import TrialRecords, trial_of
from harness.accounting.usage import RoleReadings
from harness.contenders.fake import Fake, Serve, echo
from harness.loads.load import parse_load
from harness.machine.usage import Reading
from harness.recording.hdr import Histogram
from harness.results.model import Settings, Summary, Trial
from tests import builders
from tests.builders import SilentLink, latency_of, spec_of
from tests.running import drive
from workloads.workload import Payload

S = 1_000_000_000

SETTINGS = Settings(asked={}, effective={})

IDLE_DRIVER = (0.0, 0.8, 2.0)
"""CPU-seconds at the first and at the last reading, and the seconds between."""


def reading(at_s: float, cpu_s: float, **changes: Any) -> Reading:
    """A role's counters at a moment."""
    values: dict[str, Any] = {"at_ns": int(at_s * S), "cpu_s": cpu_s, "main_cpu_s": cpu_s, "processes": 1}
    return Reading(**(values | changes))


def pair(first_cpu_s: float, last_cpu_s: float, seconds: float) -> tuple[Reading, Reading]:
    """Two readings so far apart."""
    return reading(5.0, first_cpu_s), reading(5.0 + seconds, last_cpu_s)


def failing(*numbers: int) -> Serve:
    """Those requests fail."""

    def serve(number: int, payload: Payload) -> Any:
        if number in numbers:
            raise OSError("injected")
        return echo(number, payload)

    return serve


def accounted(
    tmp_path: Path,
    load: str = "closed:8",
    *,
    readings: RoleReadings | None = None,
    executed: list[int] | None = None,
    serve: Serve = echo,
    driver: tuple[float, float, float] | None = IDLE_DRIVER,
    slots: int = 4,
    recording: dict[str, Any] | None = None,
    **changes: Any,
) -> Trial:
    """A trial of `fake` on four slots, 80 requests a second, with what the roles are said to have used.

    `changes`: of the trial's spec, or of what is known of the work (`ideal_s`, `at_once`, `in_driver`).
    """
    known = {key: changes.pop(key) for key in ("ideal_s", "at_once", "in_driver") if key in changes}
    spec = spec_of(tmp_path / "spool", load=load, slots=slots, **changes)
    driven = drive(spec, SilentLink(), Fake(serve))
    said = {"driver": None if driver is None else pair(*driver)} | (recording or {})
    records = TrialRecords(
        recording=msgspec.structs.replace(driven.recording, **said),
        fold=driven.fold,
        readings=readings or RoleReadings(),
        executed=None if executed is None else np.array(executed, dtype=np.int64),
    )
    under = TrialConditions(load=parse_load(load, "the test"), slots=slots, cpus=2, **known)
    return trial_of(3, 7, under, records)


def kinds(found: Trial | Summary) -> list[str]:
    """The kinds of its doubts."""
    return [doubt.kind for doubt in found.doubts]


def of_trials(trials: list[Trial], floor: Floor | None = None, settings: Settings = SETTINGS) -> Summary:
    """Their summary."""
    summary = summary_of(trials, 200.0, settings, floor or Floor(), is_floor=False)
    assert summary is not None
    return summary


def trial(round_number: int = 1, middle_ms: float = 10.0, samples: int = 1000, **changes: Any) -> Trial:
    """A trial with a histogram of that many samples at one latency."""
    histogram = Histogram()
    histogram.record(int(1000 * middle_ms), samples)
    made = builders.trial_of(round_number, latency_ms=latency_of(middle_ms), ok=samples, **changes)
    return msgspec.structs.replace(made, histograms={"latency": histogram.encode()})
