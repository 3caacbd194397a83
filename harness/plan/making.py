"""Makes the plan of a run: the plan that was named, with what the command line replaces, checked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from harness import registry
from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.plan.asked import COMMAND_LINE, Asked
from harness.plan.checks import ROUNDS_MOST, check_amounts
from harness.plan.contender_spec import parse_contender
from harness.plan.limit import Limit
from harness.plan.own_jobs import workload_named
from harness.plan.parameters import Parameter, with_parameters
from harness.plan.plan import AUTO, Plan, ViewPlan
from harness.plan.reading import load_plan
from harness.plan.time_scale import check_unscaled, with_time_scale
from harness.plan.views import contenders_of, loads_of, plan_loads
from harness.plan.warmup import warm_up
from harness.results.model import Matched
from harness.services.brokers.broker import KEEPER
from harness.services.origin import check_origin_url
from harness.services.url import Url
from harness.services.waiting_places import by_kind
from harness.statistics.units import seconds, whole_number

AMOUNTS: Mapping[str, str] = {"rounds": "--rounds", "boots": "--boots", "requests": "--requests"}
"""The options that give amounts of a plan."""
GIVEN: dict[Matched, str] = {
    "slots": "matched slots",
    "resources": "matched resources",
    "layers": "layers",
    "none": "not matched",
}
"""Name of the view of what was given on the command line, by what its contenders have in common."""
FIND_RATE_WARMUP, FIND_RATE_DURATION = "1s", "10s"
"""Of a search, where the command line does not say how long a rate must hold."""


def make_plan(asked: Asked, with_job: Sequence[Parameter] = ()) -> Plan:
    """The plan of a run, with everything about it checked that needs no service; raises UsageError.

    `with_job`: parameters that came with the job itself rather than by --set.
    """
    _check_exclusive(asked)
    asked = replace(asked, workloads=[workload_named(text, asked) for text in asked.workloads])
    plan = _with_brokers(load_plan(asked.plan), list(broker_urls(asked)))
    if not asked.workloads:
        plan = _with_jobs(plan, asked)
    if asked.names_cells:
        view = _given_view(asked, plan.view[0])
        name = f"{', '.join(view.workloads)} × {', '.join(view.contenders)}"
        plan = msgspec.structs.replace(plan, name=name, view=[view])
    if asked.find_rate is not None:
        plan = _with_search(plan, asked.find_rate)
    plan = _with_amounts(plan, asked)
    check_amounts(plan, COMMAND_LINE, AMOUNTS)
    plan = with_parameters(plan, [*with_job, *map(Parameter, asked.settings)])
    _check_services(asked, plan)
    return _with_time_scale(plan, asked)


def _with_time_scale(plan: Plan, asked: Asked) -> Plan:
    """Where one was given, or the plan has one; raises UsageError where that cannot be honest."""
    check_unscaled(plan, "-c" if asked.contenders else f"plan {asked.plan}")
    scale, where = asked.time_scale, "--time-scale"
    if scale is None:
        scale, where = plan.time_scale, f"plan {asked.plan}, time_scale"
    if scale is None or scale == 1:
        return msgspec.structs.replace(plan, time_scale=None)
    if asked.external:
        raise UsageError("--time-scale: workers that were started outside of the run have times of their own.")
    return with_time_scale(plan, scale, where)


def broker_urls(asked: Asked) -> dict[str, list[Url]]:
    """Kind of broker → the URLs given for it: several are shards, none is the run's own; raises UsageError."""
    urls = by_kind(asked.brokers)
    if asked.shards > 1 and any(urls.values()):
        raise UsageError("--shards: so many brokers of the run's own. Without it, each --broker of a kind is a shard.")
    if asked.result_backend is not None and not urls.keys() - {KEEPER}:
        raise UsageError("--result-backend: only for --broker amqp://…; a Redis broker stores the results itself.")
    return urls


def shards_of(asked: Asked) -> int:
    """How many brokers of a kind share the requests; raises UsageError."""
    return max([asked.shards, *map(len, broker_urls(asked).values())])


def drivers_of(asked: Asked) -> int:
    """How many drivers make a load, as many on each shard; raises UsageError."""
    shards = shards_of(asked)
    return shards * math.ceil(asked.drivers / shards)


def _check_exclusive(asked: Asked) -> None:
    if asked.requests is not None and asked.duration is not None:
        raise UsageError("--duration and --requests exclude each other: give one of them.")
    if asked.find_rate is None:
        return
    for given, option in ((asked.loads, "--load"), (asked.requests, "--requests")):
        if given:
            raise UsageError(f"--find-rate and {option} exclude each other: the search finds the rate.")
    if asked.rounds == AUTO:
        raise UsageError(
            "--find-rate and --rounds auto exclude each other: a rate is confirmed in a fixed number of rounds."
        )


def _with_brokers(plan: Plan, kinds: list[str]) -> Plan:
    """The kinds of broker that were given, in each view that names none."""
    views = [view if view.brokers else msgspec.structs.replace(view, brokers=kinds) for view in plan.view]
    return msgspec.structs.replace(plan, view=views)


def _with_jobs(plan: Plan, asked: Asked) -> Plan:
    """Jobs of the user's own that it names, by the names under which they are registered now."""
    views = []
    for view in plan.view:
        place = f"plan {asked.plan}, view {view.name!r}, workloads"
        names = [workload_named(text, asked, place) for text in view.workloads]
        views.append(msgspec.structs.replace(view, workloads=names))
    return msgspec.structs.replace(plan, view=views)


def _given_view(asked: Asked, first: ViewPlan) -> ViewPlan:
    """One view of what was given; what was left out comes from the plan's first view."""
    for name in asked.workloads:
        registry.check("workload", name, "-w")
    for text in asked.loads:
        parse_load(text, "--load").prepare("--load")
    place = f"plan {asked.plan}, view {first.name!r}"
    contenders = asked.contenders or contenders_of(first, place)
    workloads = asked.workloads or first.workloads
    matched = _matched({parse_contender(text, "-c").slots for text in contenders})
    if matched == "slots" and first.matched == "layers":
        matched = first.matched
    return ViewPlan(
        name=GIVEN[matched],
        matched=matched,
        workloads=workloads,
        contenders=contenders,
        brokers=first.brokers,
        loads=asked.loads or loads_of(first, place),
        clients_per_slot=[] if asked.loads else first.clients_per_slot,
        duration=first.duration,
        warmup=first.warmup,
        floor=first.floor,
        set={name: params for name, params in first.set.items() if name in workloads},
    )


def _matched(slots: set[int | None]) -> Matched:
    """What contenders that were given by hand have in common, by their numbers of slots."""
    if len(slots) == 1 and None not in slots:
        return "slots"
    return "resources" if slots <= {None, 1} else "none"


def _with_search(plan: Plan, limit: str) -> Plan:
    """The search for a rate instead of loads, with times of its own."""
    Limit.parse(limit, "--find-rate")
    return msgspec.structs.replace(
        plan,
        find_rate=limit,
        warmup=FIND_RATE_WARMUP,
        duration=FIND_RATE_DURATION,
        view=[msgspec.structs.replace(view, warmup=None, duration=None) for view in plan.view],
    )


def _with_amounts(plan: Plan, asked: Asked) -> Plan:
    """Rounds, boots, requests, duration and warm-up, where they were given; times replace those of views.

    The plan's boots are those of its own rounds: with other rounds, there is one for every two again. Views that have
    fewer rounds than the plan keep that share of them.
    """
    if asked.rounds is not None:
        rounds = whole_number(asked.rounds, ROUNDS_MOST) or asked.rounds
        views = [_with_share(view, plan.rounds, rounds) for view in plan.view]
        plan = msgspec.structs.replace(plan, rounds=rounds, boots=None, view=views)
    if asked.boots is not None:
        plan = msgspec.structs.replace(plan, boots=asked.boots)
    if asked.requests is not None:
        plan = msgspec.structs.replace(plan, requests=asked.requests)
    if asked.duration is not None:
        seconds(asked.duration, "--duration")
        views = [msgspec.structs.replace(view, duration=None) for view in plan.view]
        plan = msgspec.structs.replace(plan, duration=asked.duration, view=views)
    if asked.warmup is not None:
        warm_up(asked.warmup, "--warmup")
        views = [msgspec.structs.replace(view, warmup=None) for view in plan.view]
        plan = msgspec.structs.replace(plan, warmup=asked.warmup, view=views)
    return plan


def _with_share(view: ViewPlan, before: int | str, rounds: int | str) -> ViewPlan:
    """With as large a share of so many rounds as it had of those before."""
    if view.rounds is None or not isinstance(before, int) or not isinstance(rounds, int):
        return view
    return msgspec.structs.replace(view, rounds=max(1, min(rounds, round(view.rounds * rounds / before))))


def _check_services(asked: Asked, plan: Plan) -> None:
    """Raise UsageError if boots, drivers, workers or the origin that were asked for do not go with the plan."""
    if asked.external and (asked.boots or 1) > 1:
        raise UsageError("--workers external and --boots exclude each other: the run does not start those workers.")
    if drivers_of(asked) > 1 and plan.requests is not None:
        option = "--drivers" if asked.drivers > 1 else "several brokers of a kind"
        raise UsageError(
            f"{option} and --requests exclude each other: drivers share a duration, not a number of requests."
        )
    urls = broker_urls(asked)
    if asked.external and not (urls and all(urls.values())):
        raise UsageError("--workers external: add the broker on which they wait: --broker redis://HOST:PORT/0.")
    if not asked.external and (given := [*_only_external(asked)]):
        raise UsageError(f"{given[0]}: only workers that wait are leased: add --workers external, or leave it out.")
    if asked.origin is not None and not asked.external:
        requests = most_origin_requests(plan, asked.place)
        check_origin_url(asked.origin, allow_remote=asked.allow_remote_origin, requests=requests)


def _only_external(asked: Asked) -> Iterator[str]:
    """Options that say something of workers that wait; none of those that only the environment gives."""
    if asked.workers_at_most is not None:
        yield "--workers-at-most"
    if asked.wait is not None and asked.is_typed("--wait"):
        yield "--wait"


def most_origin_requests(plan: Plan, where: str) -> int | None:
    """The most requests that a trial sends to the origin; None if a time limits it rather than a number."""
    views = [view for view in plan.view if any(map(_needs_origin, view.workloads))]
    loads = [text for view in views for text in plan_loads(plan, view, where)]
    if plan.find_rate is None and any(view.clients_per_slot for view in views):
        loads.append("closed:1")  # however many clients: none sends more than the plan's requests
    counts = [parse_load(text, where).at_most(plan.requests) for text in loads]
    known = [count for count in counts if count is not None]
    return max(known, default=0) if len(known) == len(counts) else None


def _needs_origin(workload: str) -> bool:
    return "origin" in registry.load("workload", workload).needs
