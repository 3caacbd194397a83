"""Makes the values that tests are about, whole and valid, with what a test says of them changed."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from harness import registry
from harness.accounting.summary import Floor, summary_of
from harness.contenders.contender import Assignment
from harness.driver.messages import Link, Message, TrialSpec
from harness.loads.closed import Closed
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.floor import with_floor
from harness.plan.plan import CellPlan
from harness.plan.reading import load_plan
from harness.recording.hdr import Histogram
from harness.results.model import (
    SCHEMA,
    Cell,
    Crash,
    Environment,
    Latency,
    LoadDescription,
    Matched,
    Results,
    Run,
    Settings,
    Side,
    Stage,
    Stages,
    Timeline,
    Trial,
    Usage,
    Usages,
    View,
)
from harness.session import new_document
from harness.statistics.comparisons import comparisons
from harness.statistics.layers import layers
from workloads.workload import Services


class SilentLink(Link):
    """A session that hears everything and says only what it was given to say."""

    def __init__(self, *says: Message) -> None:
        self.heard: list[Message] = []
        self._says = list(says)

    def send(self, message: Message) -> None:
        """Keep what the driver says."""
        self.heard.append(message)

    async def receive(self) -> Message | None:
        """What it was given to say, then nothing for ever."""
        if self._says:
            return self._says.pop(0)
        await asyncio.Event().wait()
        return None

    def heard_kinds(self) -> list[str]:
        """The kinds of what was heard, progress left out."""
        kinds = [type(message).__name__ for message in self.heard]
        return [kind for kind in kinds if kind != "LoadProgress"]


def spec_of(spool: Path, *, workload: str = "sleep", slots: int | None = 4, **changes: Any) -> TrialSpec:
    """A trial of `fake`: sleep of 50 ms on 4 slots under closed:8, one second after one of warm-up."""
    services = Services(origin_url="http://127.0.0.1:1")
    spec = TrialSpec(
        contender="fake",
        assignment=Assignment(workload=workload, slots=slots, services=services),
        params={},
        load="closed:8",
        warmup_s=1.0,
        duration_s=1.0,
        requests=None,
        timeout_s=30.0,
        seed=1,
        spool=str(spool),
        sampled=False,
    )
    return msgspec.structs.replace(spec, **changes)


def latency_of(middle_ms: float) -> Latency:
    """A latency whose figures all derive from one."""
    return Latency(
        min=middle_ms / 2,
        mean=middle_ms,
        p50=middle_ms,
        p90=middle_ms * 2,
        p99=middle_ms * 3,
        p999=None,
        max=middle_ms * 4,
    )


def stages_of(execution_ms: float) -> Stages:
    """A latency chain of execution and nothing else."""
    none = Stage(mean=0.0, p50=0.0, p99=0.0)
    execution = Stage(mean=execution_ms, p50=execution_ms, p99=execution_ms)
    return Stages(driver_lag=none, publish=none, queue_wait=none, execution=execution, return_=none)


def usage_of(cores: float, **changes: Any) -> Usage:
    """A role that kept `cores` busy for two seconds."""
    usage = Usage(cpu_s=cores * 2, seconds=2.0, memory_mb=100.0, memory_kind="rss", processes=1)
    return msgspec.structs.replace(usage, **changes)


def trial_of(round_number: int = 1, throughput_per_s: float | None = 100.0, **changes: Any) -> Trial:
    """A measured trial, all ok; each round has a boot of its own."""
    trial = Trial(
        round=round_number,
        boot=round_number - 1,
        order=round_number,
        status="measured",
        error=None,
        seconds=1.0,
        submitted=100,
        ok=100,
        wrong=0,
        failed=0,
        lost=0,
        duplicates=None,
        executions=None,
        throughput_per_s=throughput_per_s,
        cpu_s_per_1000=5.0,
        latency_ms=latency_of(10.0),
        uncorrected_ms=None,
        stages_ms=None,
        usage=Usages(driver=usage_of(0.5)),
        loop_lag_ms=None,
        bottleneck=None,
        doubts=[],
        histograms={},
    )
    return msgspec.structs.replace(trial, **changes)


def crash_of(**changes: Any) -> Crash:
    """What became of 12 requests whose worker was killed: each was done once."""
    crash = Crash(
        fault="kill-worker",
        told=False,
        promise="at most once",
        struck_at=12,
        offered=12,
        refused=0,
        accepted=12,
        done=12,
        failed=0,
        lost=0,
        waiting=0,
        unanswered=0,
        unaccepted=0,
        repeated=0,
        repeated_seen=0,
        next_reply_s=0.5,
        backlog_gone_s=1.5,
    )
    return msgspec.structs.replace(crash, **changes)


def cell_of(
    contender: str = "asyncio",
    rates: list[float] | None = None,
    *,
    side: Side = "asyncio",
    slots: int | None = 16,
    load: LoadDescription | None = None,
    trials: list[Trial] | None = None,
    **changes: Any,
) -> Cell:
    """A measured cell of the view `matched slots`, with a trial a round at each of `rates`."""
    load = load or Closed(32).describe()
    cell = Cell(
        id=f"sleep/{contender}:{slots}/closed:32",
        views=["matched slots"],
        workload="sleep",
        params={"seconds": 0.05},
        side=side,
        contender=contender,
        settings=Settings(asked={"slots": slots}, effective={"slots": slots}),
        workers=[],
        slots=slots,
        load=load,
        ideal_s=0.05,
        ceiling_per_s=slots / 0.05 if slots else None,
        status="measured",
        reason=None,
        trials=trials or [trial_of(number, rate) for number, rate in enumerate(rates or [], start=1)],
        summary=None,
    )
    return msgspec.structs.replace(cell, **changes)


def summarised(cell: Cell, floor: Floor | None = None) -> Cell:
    """The cell with the summary of its trials, each of which gets a histogram."""
    histogram = Histogram()
    histogram.record(10_000, 1000)
    encoded = {"latency": histogram.encode(), "uncorrected": histogram.encode()}
    seen = latency_of(10.0)
    trials = [msgspec.structs.replace(trial, histograms=encoded, uncorrected_ms=seen) for trial in cell.trials]
    summary = summary_of(trials, cell.ceiling_per_s, cell.settings, floor or Floor(), is_floor=False)
    return msgspec.structs.replace(cell, trials=trials, summary=summary)


def view_of(matched: Matched = "slots", name: str = "matched slots") -> View:
    """A view."""
    return View(name=name, about="16 slots each", matched=matched)


def results_of(cells: list[Cell] | None = None, **changes: Any) -> Results:
    """A whole results document."""
    results = Results(
        schema=SCHEMA,
        run=Run(
            id="2026-01-01T00-00-00-quick",
            started="2026-01-01T00:00:00+00:00",
            finished=None,
            seed=1,
            rounds=3,
            plan="quick",
            command="workbench run",
            status="done",
            views=[view_of()],
        ),
        environment=Environment(
            python="3.11.0",
            platform="Linux",
            cpus=2,
            cpu_model=None,
            memory_mb=8000.0,
            packages={"celery": "5.7.0"},
            broker=None,
            origin=None,
            git=None,
            governor=None,
            load_average=0.1,
            boot_id="a",
        ),
        cells=[cell_of(rates=[100.0, 101.0, 102.0])] if cells is None else cells,
        comparisons=[],
    )
    return msgspec.structs.replace(results, **changes)


@cache
def document_of(name: str, rounds: int = 5) -> Results:
    """A document as a run of that shipped plan leaves it, with figures that were made up: each cell's its own."""
    plan = load_plan(name)
    views = [new_document.view_of(view) for view in plan.view]
    made = [_measured(planned, order, rounds) for order, planned in enumerate(with_floor(plan, cells(plan, name)))]
    results = results_of(made, comparisons=comparisons(made, views), layers=layers(made, views))
    run = msgspec.structs.replace(results.run, plan=plan.name, rounds=rounds, views=views)
    return msgspec.structs.replace(results, run=run)


def _measured(planned: CellPlan, order: int, rounds: int) -> Cell:
    side = registry.load("contender", planned.contender).side
    rate = 50.0 + 7.3 * order
    trials = [
        trial_of(
            number,
            rate * (1 + number / 1000),
            latency_ms=latency_of(10.0 + order + number / 100),
            stages_ms=stages_of(8.0 + order),
            usage=Usages(driver=usage_of(0.2), workers=usage_of(0.4) if side == "celery" else None),
            timeline=Timeline(
                slice_s=0.5,
                ok=[40, 0, 40, 40],
                mean_ms=[10.0 + order, None, 10.0 + order, 10.0 + order],
                max_ms=[20.0 + order, None, 20.0 + order, 20.0 + order],
            ),
        )
        for number in range(1, rounds + 1)
    ]
    cell = cell_of(
        planned.contender,
        side=side,
        slots=planned.slots,
        load=parse_load(planned.load, "a test").describe(),
        trials=trials,
        id=planned.id,
        views=planned.views,
        workload=planned.workload,
        params=planned.params,
        tuning=planned.tuning,
        broker=planned.broker,
        drivers=planned.drivers,
    )
    return summarised(cell)
