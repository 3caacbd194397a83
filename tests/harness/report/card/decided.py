"""Documents of decisions, with figures that were made up."""

from typing import Any

import msgspec

from harness.loads.load import parse_load
from harness.results.decision import ALONE, MOST, RATE
from harness.results.model import Cell, Decision, HighestRate, Pool, Results, Side, Usages, View
from tests.builders import cell_of, latency_of, results_of, summarised, trial_of, usage_of

POOL = "celery-threads:32"


def side_of(side: Side, p50_ms: float, cpu_s_per_1000: float, memory_mb: float, rounds: int = 5) -> list[Cell]:
    """Its cells at the rate, alone, and of its highest rate."""
    name, slots = ("asyncio", None) if side == "asyncio" else ("celery-threads", 32)
    made = []
    for view, load in ((RATE, "open:60/s"), (ALONE, "closed:1")):
        trials = [
            trial_of(
                number,
                60.0,
                latency_ms=latency_of(p50_ms * (1 + number / 1000)),
                cpu_s_per_1000=cpu_s_per_1000 * (1 + number / 1000),
                usage=Usages(driver=usage_of(0.1, memory_mb=memory_mb + number / 100)),
            )
            for number in range(1, rounds + 1)
        ]
        cell = cell_of(name, side=side, slots=slots, load=parse_load(load, "a test").describe(), trials=trials)
        made.append(msgspec.structs.replace(summarised(cell), id=f"{view}/{name}", views=[view], workload="job"))
    search = HighestRate(
        limit="p99<300ms",
        status="confirmed",
        rate_per_s=900.0,
        failed_per_s=1100.0,
        why="late",
        limited_by="machine",
        probes=[],
    )
    most = msgspec.structs.replace(made[0], id=f"{MOST}/{name}", views=[MOST], highest_rate=search)
    return [*made, most]


def decision_of(**changes: Any) -> Decision:
    """Of a job at 60/s, which both sides hold."""
    decision = Decision(
        job="job",
        pools=[Pool(contender=POOL, taken=True, why="100/s in full use: the most")],
        rate_per_s=60.0,
        rate_from="as given",
        limit="p99<300ms",
        limit_from="as given",
        late={"asyncio": (0, 500), POOL: (1, 500)},
    )
    return msgspec.structs.replace(decision, **changes)


def decided(cells: list[Cell] | None = None, cpus: int = 2, *, searched: bool = True, **changes: Any) -> Results:
    """The document: asyncio is quicker and cheaper, by less than a core. `searched`: with highest rates of 900/s."""
    cells = [*side_of("asyncio", 53.0, 1.3, 26.0), *side_of("celery", 66.0, 8.0, 95.0)] if cells is None else cells
    results = results_of([cell for cell in cells if searched or MOST not in cell.views])
    views = [View(name=name, about="", matched="none") for name in (ALONE, RATE, MOST)]
    run = msgspec.structs.replace(results.run, plan="decide", views=views, decision=decision_of(**changes))
    environment = msgspec.structs.replace(results.environment, cpus=cpus)
    return msgspec.structs.replace(results, run=run, environment=environment)
