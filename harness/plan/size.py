"""What `workbench size` measures: its views, with slots and times. Pure."""

from collections.abc import Sequence

from harness.loads.open import Open
from harness.plan.decide import ASYNCIO, FULL_STRETCH_S, POOLS, SHORT_WARMUP, WARMUP, Patience
from harness.plan.plan import Plan, ViewPlan
from harness.results.sizing import ALONE, FULL, VERIFIED

CLIENTS_PER_SLOT = 2
"""One more request waits for each slot, so that none of them is idle."""
ALONE_S, FULL_S = 1.5, 2.0
"""Windows, in seconds, of each phase."""
VERIFIED_TIMES, VERIFIED_LEAST_S, VERIFIED_MOST_S = 40, 4.0, 12.0
"""Of a trial that verifies: so many times of a slot, and seconds."""


def size_plan(asked: ViewPlan, pools: Sequence[str]) -> Plan:
    """One request alone, and full use, on asyncio and on each pool. `asked`: the workload with its parameters."""
    clients = max((int(pool.partition(":")[2]) for pool in pools), default=max(POOLS.values()))
    views = [
        _view(asked, ALONE, "what a request takes while there is no other", [ASYNCIO, *pools], loads=["closed:1"]),
        _view(asked, FULL, "what a request costs among many", [ASYNCIO], loads=[f"closed:{clients}"]),
        _view(asked, FULL, "what a request costs among many", list(pools), clients_per_slot=[CLIENTS_PER_SLOT]),
    ]
    kept = [view for view in views if view.contenders]
    return Plan(name="size", rounds=1, boots=1, warmup=WARMUP, duration=f"{FULL_S:g}s", view=kept)


def fewer_view(asked: ViewPlan, contenders: list[str]) -> ViewPlan:
    """Full use of contenders with fewer slots."""
    return _view(asked, FULL, "what a request costs among many", contenders, clients_per_slot=[CLIENTS_PER_SLOT])


def verified_view(asked: ViewPlan, contender: str, slots: int, rate_per_s: float, slot_s: float) -> ViewPlan:
    """Evenly spaced arrivals for that many slots, and for one fewer."""
    window_s = min(VERIFIED_MOST_S, max(VERIFIED_LEAST_S, VERIFIED_TIMES * slot_s))
    return ViewPlan(
        name=VERIFIED,
        about="arrivals that these slots can serve, and one fewer cannot",
        workloads=asked.workloads,
        contenders=[f"{contender}:{slots}", f"{contender}:{slots - 1}"],
        loads=[Open(rate_per_s, "uniform").text],
        set=asked.set,
        floor=False,
        warmup=WARMUP,
        duration=f"{window_s:.3g}s",
        rest_s=Patience(slot_s).rest_s,
    )


def _view(
    asked: ViewPlan,
    name: str,
    about: str,
    contenders: list[str],
    loads: Sequence[str] = (),
    clients_per_slot: Sequence[int] = (),
) -> ViewPlan:
    alone = name == ALONE
    return ViewPlan(
        name=name,
        about=about,
        workloads=asked.workloads,
        contenders=contenders,
        loads=list(loads),
        clients_per_slot=list(clients_per_slot),
        set=asked.set,
        floor=alone,
        warmup=SHORT_WARMUP if alone else WARMUP,
        duration=f"{ALONE_S if alone else FULL_S:g}s",
        stretch_s=FULL_STRETCH_S,
    )
