"""Documents whose figures follow from a model of both sides, so that what a set-up decides can be changed alone."""

from typing import Any

import msgspec

from harness import registry
from harness.accounting.summary import Floor, summary_of
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.floor import with_floor
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.recording.hdr import Histogram
from harness.results.model import Cell, LoadDescription, Results, Trial
from harness.session.new_document import view_of
from harness.statistics.comparisons import comparisons
from harness.statistics.layers import layers
from tests.builders import cell_of, latency_of, results_of, trial_of
from workloads.workload import Services

OVERHEAD_S = {"asyncio": 0.0002, "celery": 0.004}
"""How long a request keeps a slot beyond its work."""
ON_ITS_WAY_S = {"asyncio": 0.0001, "celery": 0.005}
"""How long a request takes before and after its slot."""
CPU_S = {"asyncio": 0.0005, "celery": 0.006}
CORES = 2
FLOOR_MS = {"asyncio": 0.01, "celery": 6.0}
MEASURES = ("stop_running_ms", "drift_percent", "late_ms", "caller_ms", "lost_ms", "MiB_per_s", "beyond_each_step_ms")


def multiplied(plan: Plan, times: int) -> Plan:
    """The same plan with so many times the clients."""
    views = [
        msgspec.structs.replace(
            view,
            loads=[_multiplied(load, times) for load in view.loads],
            clients_per_slot=[clients * times for clients in view.clients_per_slot],
        )
        for view in plan.view
    ]
    return msgspec.structs.replace(plan, view=views)


def _multiplied(load: str, times: int) -> str:
    """One client alone is no number of clients: it shows a request by itself."""
    kind, _, number = load.partition(":")
    return f"closed:{int(number) * times}" if kind == "closed" and number != "1" else load


def ad_hoc(workload: str, contenders: list[str], load: str, **params: Any) -> Plan:
    """What is given on the command line."""
    matched: Any = "slots" if len({text.partition(":")[2] for text in contenders}) == 1 else "none"
    return Plan(
        name=workload,
        view=[
            ViewPlan(
                name="given",
                matched=matched,
                workloads=[workload],
                contenders=contenders,
                loads=[load],
                set={workload: params},
            )
        ],
    )


def modelled(plan: Plan, rounds: int = 5) -> Results:
    """A document as a run of it leaves it, each figure within a thousandth of what the model says."""
    made = [_measured(planned, rounds) for planned in with_floor(plan, cells(plan, plan.name))]
    views = [view_of(view) for view in plan.view]
    results = results_of(made, comparisons=comparisons(made, views), layers=layers(made, views))
    run = msgspec.structs.replace(results.run, plan=plan.name, rounds=rounds, views=views)
    return msgspec.structs.replace(results, run=run)


def _measured(planned: CellPlan, rounds: int) -> Cell:
    side = registry.load("contender", planned.contender).side
    definition = registry.load("workload", planned.workload)
    workload = definition(definition.Params(**planned.params), Services(origin_url="http://127.0.0.1:1"), 1)
    model = "celery" if side != "asyncio" else side
    load = parse_load(planned.load, "a test").describe()
    cell = cell_of(
        planned.contender,
        side=side,
        slots=planned.slots,
        load=load,
        trials=[_trial(number, model, workload.ideal_s, planned.slots, load) for number in range(1, rounds + 1)],
        id=planned.id,
        views=planned.views,
        workload=planned.workload,
        params=planned.params,
        tuning=planned.tuning,
        ideal_s=workload.ideal_s,
    )
    floor = Floor(latency_ms=FLOOR_MS[model])
    summary = summary_of(cell.trials, cell.ceiling_per_s, cell.settings, floor, is_floor=False)
    return msgspec.structs.replace(cell, summary=summary)


def _trial(number: int, side: str, ideal_s: float | None, slots: int | None, load: LoadDescription) -> Trial:
    """As many at once as there are clients, or as slots or cores let through."""
    in_slot_s = (0.03 if ideal_s is None else ideal_s) + OVERHEAD_S[side]
    alone_s = in_slot_s + ON_ITS_WAY_S[side]
    clients = load.clients or load.requests or 1
    by_slots = slots / in_slot_s if slots else clients / alone_s
    per_s = load.rate_per_s or min(clients / alone_s, by_slots, CORES / CPU_S[side])
    latency_ms = 1000 * (alone_s if load.rate_per_s else max(alone_s, clients / per_s))
    histogram = Histogram()
    histogram.record(int(1000 * latency_ms), 1000)
    factor = 1 + number / 1000
    return trial_of(
        number,
        per_s * factor,
        latency_ms=latency_of(latency_ms * factor),
        cpu_s_per_1000=1000 * CPU_S[side] * factor,
        extra=dict.fromkeys(MEASURES, 3.0 * factor),
        histograms={"latency": histogram.encode(), "uncorrected": histogram.encode()},
    )
