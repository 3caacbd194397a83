"""Why a document is not on the board: checks that need nothing but the document and the code that everybody has."""

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from harness import registry
from harness.accounting.physics import Bounds, broken_bounds
from harness.accounting.summary import Floor, summary_of
from harness.errors import UsageError
from harness.recording.hdr import Histogram
from harness.recording.histograms import bounded, percentile_ms
from harness.report.board.anonymous import anonymised, published_plan
from harness.report.board.disturbed import objection
from harness.results.model import FLOOR, Cell, Results, Summary, Trial
from workloads.workload import Services, Workload

OBJECTIONS_MOST = 3
"""So many reasons are listed; more are counted."""
EQUAL_WITHIN = 1e-6
ROUNDING = 0.02
"""Part by which requests counted by their parts in the window may differ from whole ones, beside those at its edges."""
SMALLEST, LARGEST = 1e-30, 1e16
"""Of numbers in a document that are not 0."""
STEADY, WHOLE = ("closed", "open"), ("drain", "burst", "surge")


class NotPublished(UsageError):
    """Why a document is not shown on the board."""


def published(document: Results) -> Results:
    """The document as it may be published; raises NotPublished with each reason why it is not."""
    try:
        if not _in_range(msgspec.to_builtins(document)):
            raise NotPublished("a number in it is none that can be measured")
        made = anonymised(document)
        found = list(dict.fromkeys(_objections(made)))
    except NotPublished:
        raise
    except (UsageError, LookupError, ValueError, ArithmeticError) as error:  # others may have written anything
        raise NotPublished(f"its figures cannot be checked: {error}") from None
    if found:
        more = len(found) - OBJECTIONS_MOST
        raise NotPublished("; ".join([*found[:OBJECTIONS_MOST], *([f"{more} more"] if more > 0 else [])]))
    return made


def _in_range(value: Any) -> bool:
    """Whether arithmetic with its numbers stays finite."""
    if isinstance(value, dict):
        return all(map(_in_range, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_in_range, value))
    return not isinstance(value, int | float) or value == 0 or SMALLEST < abs(value) < LARGEST


def _objections(document: Results) -> Iterator[str]:
    run = document.run
    if not published_plan(document):
        yield "it is of no plan that comes with the workbench"
        return
    if not all(cell.workload and cell.contender and cell.load.text for cell in document.cells):
        yield "it measures a job or a load of its owner's, whose name is not published"
        return
    if run.status != "done":
        yield f"the run is {run.status}"
    measured = [cell for cell in document.cells if cell.trials]
    if not measured:
        yield "nothing was measured"
    if (disturbed := objection(document)) is not None:
        yield disturbed
    for cell in measured:
        where = f"{cell.workload}, {cell.label}, {cell.load.text}"
        yield from (f"{where}: {said}" for said in _of_cell(cell, document))


def _of_cell(cell: Cell, document: Results) -> Iterator[str]:
    if cell.status != "measured" or cell.summary is None:
        yield cell.status if cell.status != "measured" else "it has no figures"
        return
    work = _work(cell)
    if cell.ideal_s is not None and work.ideal_s != cell.ideal_s:
        yield f"its ideal time is {cell.ideal_s:g} s, the workload's is {work.ideal_s or math.nan:g} s"
    if cell.ceiling_per_s and not _same(cell.ceiling_per_s, (cell.slots or math.nan) / (work.ideal_s or math.nan)):
        yield "its ceiling is not slots ÷ service time"
    objected = [
        f"round {trial.round}: {said}" for trial in cell.counted for said in _of_trial(trial, cell, work, document)
    ]
    yield from objected or _of_summary(cell, cell.summary)


def _of_trial(trial: Trial, cell: Cell, work: Workload[Any], document: Results) -> Iterator[str]:
    if trial.status != "measured":
        yield trial.status
        return
    if trial.ok + trial.wrong + trial.failed + trial.lost != trial.submitted:
        yield "its requests do not add up"
    if not 0 < trial.seconds < math.inf or any(
        value < 0 for value in (trial.ok, trial.wrong, trial.failed, trial.lost)
    ):
        yield "it has no window"
        return
    yield from broken_bounds(trial, bounds_of(trial, cell, work, document))
    if cell.load.kind == "closed" and trial.throughput_per_s is not None:
        edges = cell.load.clients or 0
        if abs(trial.throughput_per_s * trial.seconds - trial.ok) > edges + ROUNDING * trial.ok:
            yield f"{trial.throughput_per_s:,.4g} requests/s are not {trial.ok:,} in {trial.seconds:.3g} s"
    yield from _of_latency(trial)


def _of_latency(trial: Trial) -> Iterator[str]:
    """The figures are those of its histogram."""
    latency = trial.latency_ms
    if latency is None:
        return
    if "latency" not in trial.histograms:
        yield "it has no histogram of latencies"
        return
    histogram = Histogram.decode(trial.histograms["latency"])
    within = latency.min, latency.max
    if latency.p50 is not None and not _same(bounded(latency.p50, within), percentile_ms(histogram, 50, within)):
        yield "its latencies are not those of its histogram"
    if histogram.total != trial.ok:
        yield f"its histogram holds {histogram.total:,} latencies of {trial.ok:,} replies"


def _of_summary(cell: Cell, said: Summary) -> Iterator[str]:
    """The summary is that of the trials."""
    floor = Floor(latency_ms=said.floor_ms, slot_overhead_ms=said.slot_overhead_ms)
    again = summary_of(cell.trials, cell.ceiling_per_s, cell.settings, floor, is_floor=FLOOR in cell.views)
    figures = [] if again is None else list(zip(_figures(again), _figures(said), strict=True))
    if not figures or not all(_same(one, other) for one, other in figures):
        yield "its summary is not that of its trials"


def _figures(summary: Summary) -> list[float | None]:
    low, high = summary.throughput_ci95 or (None, None)
    latency = summary.latency_ms
    costs = (summary.cpu_s_per_1000, summary.memory_mb)
    return [summary.trials, summary.throughput_per_s, low, high, latency.mean, latency.p50, latency.p99, *costs]


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=EQUAL_WITHIN)


def _work(cell: Cell) -> Workload[Any]:
    kind = registry.load("workload", cell.workload)
    services = Services(origin_url="http://127.0.0.1", origin_is_ours=cell.ideal_s is not None)
    work: Workload[Any] = kind(msgspec.convert(cell.params, kind.Params), services, 0)
    return work


def bounds_of(trial: Trial, cell: Cell, work: Workload[Any], document: Results) -> Bounds:
    """What a trial cannot pass, by what the document says of the machine, and the workload's own code."""
    latency, environment = trial.latency_ms, document.environment
    longest_s = latency.max / 1000 if latency is not None else 0.0
    own = "origin" not in document.run.kept
    at_edges = (cell.load.clients or 0) / max(1, trial.ok)
    remote = bool(trial.drivers) or "workers" in document.run.kept
    return Bounds(
        steady=cell.load.kind in STEADY,
        whole=cell.load.kind in WHOLE,
        clients=cell.load.clients,
        arrives=cell.load.kind == "open",
        waiting_at_first=math.ceil((cell.load.rate_per_s or 0.0) * longest_s),
        slots=cell.slots if cell.ceiling_per_s is not None else None,
        ideal_s=work.ideal_s if cell.side == "asyncio" or cell.ceiling_per_s is not None else None,
        at_once=work.at_once(cell.side, cell.slots),
        origin_ms=work.origin_ms if own else 0.0,
        origin_requests=work.origin_requests,
        cpu_s=work.cpu_s,
        cores=None if remote else environment.cpu_quota or environment.cpus,
        quota=trial.machine.quota if trial.machine is not None else None,
        error=_error(trial, cell.load.clients or 1),
        edges_ms=at_edges * (latency.max - latency.mean) if latency is not None else 0.0,
        waited=(trial.throughput_per_s or 0.0) * trial.seconds - trial.ok,
    )


def _error(trial: Trial, clients: int) -> float:
    """Standard error of the mean latency ÷ that mean; replies of all clients together are one observation."""
    if "latency" not in trial.histograms:
        return 0.0
    values = list(Histogram.decode(trial.histograms["latency"]).recorded())
    total = sum(count for _, count in values)
    mean = sum(value * count for value, count in values) / total if total else 0.0
    if not mean:
        return 0.0
    scatter = math.sqrt(sum(count * (value - mean) ** 2 for value, count in values) / total)
    return scatter / mean / math.sqrt(max(1.0, total / clients))
