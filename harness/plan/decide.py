"""What `workbench decide` measures, phase by phase: its views, with slots and times. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from harness.errors import unknown
from harness.loads.open import Open
from harness.plan.limit import FIRST_PER_S, Limit
from harness.plan.plan import Plan, ViewPlan
from harness.results.decision import ALONE, FULL, LOOK, MOST, RATE
from harness.statistics.deciding.needs import slots_for

ASYNCIO = "asyncio"
POOLS = {"celery-threads": 32, "celery-gevent": 32, "celery-prefork": 16}
"""Pools that are tried, and their slots: a process costs memory, a thread or a greenlet hardly any."""
OF_A_COROUTINE = "celery-asyncio"
"""Of a job without a task: workers that run its coroutine."""
ROUNDS = 5
"""In which both sides are compared at the rate, each with services that are started afresh."""
REST_LEAST_S, REST_TIMES, REST_SLOW_S = 3.0, 6, 4.0
"""Seconds, and times of one request alone; of slow jobs, whose time is short, seconds beyond twice that."""
ENDS_S = 4.0
"""For a trial to begin and to end."""
SLOTS_MOST, PROCESSES_MOST = 1000, 64
"""With which a pool is tried, if the rate needs so many."""
CLIENTS_PER_SLOT = 1
"""Of a pool in full use."""
STRETCH_S, FULL_STRETCH_S = 4.0, 10.0
"""To which a window is stretched for slow jobs, at the most: three minutes must do for all of it. In full use, requests
wait for each other, and a window of few responses says nothing of the throughput."""
LOOK_REST_S, ALONE_REST_S = 2.0, 8.0
"""For which a trial may wait for rest, before it is known how long a request takes."""
ALONE_REST_LEAST_S, ALONE_REST_TIMES, ALONE_STRETCH_TIMES = 2.0, 1.2, 1.3
"""Once that is known: seconds, and times of one request; and as many for its window, so that one is due in it."""
LOOK_LOAD, ALONE_LOAD = "closed:4", "closed:1"
SHORT_WARMUP, WARMUP = "200ms", "500ms"
WINDOW_LIMITS = 8
"""Of the limit, a window that confirms a rate is so many times as long."""
LOOK_S, ALONE_S, FULL_S, RATE_LEAST_S, RATE_MOST_S, MOST_S = 1.0, 1.2, 2.0, 2.0, 8.0, 2.0
"""Windows of each phase, in seconds; that at the rate takes the time that is left."""


def pools_of(names: Sequence[str], slots: int | None) -> list[str]:
    """These pools, or all, with their slots or with those that were given. Raises UsageError for an unknown one."""
    for name in names:
        if f"celery-{name}" not in POOLS:
            raise unknown("pool", name, "--pool", [known.removeprefix("celery-") for known in POOLS])
    chosen = [f"celery-{name}" for name in names] or POOLS
    return [f"{name}:{slots or POOLS[name]}" for name in chosen]


class Patience(NamedTuple):
    """How long trials may take, where a request alone takes `alone_s`: a rate that is too high never comes to rest."""

    alone_s: float

    @property
    def rest_s(self) -> float:
        """For a load to come to rest."""
        return max(REST_LEAST_S, min(REST_TIMES * self.alone_s, REST_SLOW_S + 2 * self.alone_s))

    @property
    def alone_rest_s(self) -> float:
        """The same for one request alone."""
        return max(ALONE_REST_LEAST_S, min(ALONE_REST_S, ALONE_REST_TIMES * self.alone_s))

    @property
    def alone_stretch_s(self) -> float:
        """To which the window of one request alone is stretched."""
        return max(STRETCH_S, ALONE_STRETCH_TIMES * self.alone_s)

    def most_s(self, window_s: float) -> float:
        """For a whole trial with that window."""
        return 2 * self.rest_s + max(window_s, STRETCH_S) + 4 * self.alone_s + ENDS_S


def enough_slots(name: str, slots: int, rate_per_s: float | None, alone_s: float, cpu_most_per_s: float) -> int:
    """Slots with which a pool of that name could serve the rate, `slots` at the least, and no more than it can have.

    No more either than serve what the cores allow by the CPU of a request, `cpu_most_per_s`.
    """
    needed = slots_for(min(rate_per_s or 0.0, cpu_most_per_s), alone_s)
    return max(slots, min(needed, PROCESSES_MOST if "prefork" in name else SLOTS_MOST))


def first_plan(asked: ViewPlan, pools: Sequence[str]) -> Plan:
    """The phases that need neither rate nor limit. `asked`: the workload with its parameters."""
    return Plan(
        name="decide",
        rounds=1 + ROUNDS,
        boots=1 + ROUNDS,
        warmup=WARMUP,
        duration=f"{FULL_S:g}s",
        view=[_look(asked, pools), _alone(asked, pools)],
    )


def _look(asked: ViewPlan, pools: Sequence[str]) -> ViewPlan:
    return _view(
        asked,
        LOOK,
        "what the job does, and one reply of each side: no figures to compare",
        [ASYNCIO, *pools[:1]],
        loads=[LOOK_LOAD],
        prefix=f"{LOOK} ",
        look=True,
        rest_s=LOOK_REST_S,
        warmup=SHORT_WARMUP,
        duration=f"{LOOK_S:g}s",
    )


def _alone(asked: ViewPlan, pools: Sequence[str]) -> ViewPlan:
    return _view(
        asked,
        ALONE,
        "what a request takes while there is no other",
        [ASYNCIO, *pools],
        loads=[ALONE_LOAD],
        rest_s=ALONE_REST_S,
        warmup=SHORT_WARMUP,
        duration=f"{ALONE_S:g}s",
    )


def full_views(asked: ViewPlan, pools: Sequence[str], clients: int | None, patience: Patience) -> list[ViewPlan]:
    """Each pool with as many clients as slots; and asyncio with that number of clients, if it is given."""
    about = "as many clients as slots: which pool serves the most; asyncio with as many clients"
    common = {"duration": f"{FULL_S:g}s", "stretch_s": FULL_STRETCH_S, **_within(patience, FULL_STRETCH_S)}
    views = [_view(asked, FULL, about, list(pools), clients_per_slot=[CLIENTS_PER_SLOT], **common)] if pools else []
    if clients is not None:
        views.append(_view(asked, FULL, about, [ASYNCIO], loads=[f"closed:{clients}"], **common))
    return views


def rate_view(
    asked: ViewPlan, contenders: Sequence[str], rate_per_s: float, window_s: float, patience: Patience
) -> ViewPlan:
    """Both sides under arrivals at the user's rate."""
    return _view(
        asked,
        RATE,
        "arrivals at one rate, whatever the replies do",
        list(contenders),
        loads=[Open(rate_per_s).text],
        duration=f"{window_s:.3g}s",
        **_within(patience, window_s),
    )


def most_view(asked: ViewPlan, contenders: Sequence[str], limit: Limit, patience: Patience) -> ViewPlan:
    """The search for the highest rate of each side."""
    return _view(
        asked,
        MOST,
        "searched, then confirmed in every round",
        list(contenders),
        loads=[Open(FIRST_PER_S).text],
        find_rate=limit.text,
        duration=f"{MOST_S:g}s",
        **_within(patience, max(MOST_S, WINDOW_LIMITS * limit.limit_s)),
    )


def _within(patience: Patience, window_s: float) -> dict[str, Any]:
    return {"rest_s": patience.rest_s, "most_s": patience.most_s(window_s)}


def _view(asked: ViewPlan, name: str, about: str, contenders: list[str], **changes: Any) -> ViewPlan:
    view = ViewPlan(
        name=name,
        about=about,
        workloads=asked.workloads,
        contenders=contenders,
        set=asked.set,
        floor=False,
        warmup=WARMUP,
        stretch_s=STRETCH_S,
    )
    return msgspec.structs.replace(view, **changes)
