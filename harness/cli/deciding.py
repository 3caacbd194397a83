"""What `workbench decide` prepares before it asks: the plan, the schedule, and what it will do, in words."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from harness import registry
from harness.cli.decide_options import DecideOptions
from harness.contenders.sides.declaration import lacks
from harness.errors import UsageError
from harness.jobs import registered
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.decide import ASYNCIO, OF_A_COROUTINE, POOLS, ROUNDS, first_plan, pools_of
from harness.plan.decide_time import END_S, Spans
from harness.plan.limit import Limit
from harness.plan.making import make_plan
from harness.plan.own_checks import check_jobs
from harness.plan.own_jobs import job_from, workload_named
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.report.card.card import spoiler_text
from harness.report.wording import counted
from harness.results.model import Decision
from harness.schedule.decide import Decide, Wanted
from harness.spoilers.job import declared_limits, functions_of, sources_of
from harness.spoilers.rule import found_in, seen_in
from harness.statistics.units import PER_SECOND, quantity, seconds, time_in_words
from workloads.workload import Services, Workload

SLOW_S = 0.1
"""From which how long a request takes decides how long a decision does."""


class Preparation(NamedTuple):
    """All that is known before the job is called for the first time."""

    options: DecideOptions
    """With the bound that holds."""
    plan: Plan
    schedule: Callable[[], Decide]
    """Makes the schedule, whose time then begins."""
    announced: str
    own: bool
    """Whether the job is not the workbench's, whose work calls nothing but what the run starts."""
    tried: Callable[[float], None]
    """Told how long the slower side took for a request before the run; raises UsageError if there is no time for it."""


def prepared(options: DecideOptions) -> Preparation:
    """What a decision will do; nothing is called yet. Raises UsageError."""
    name = _name(options)
    pools = pools_for(name, options.pools, options.slots)
    asked = _asked(options, name, pools)
    plan = first_plan(asked, pools)
    planned = cells(plan, "workbench decide")
    check_jobs(options, planned)
    wanted = Wanted(
        asked=asked,
        pools=pools,
        more_slots=options.slots is None,
        rate_per_s=rate_for(name, options.rate),
        limit=Limit.parse(f"p99<{options.p99}", "--p99") if options.p99 is not None else None,
        limit_s=seconds(options.time, "--time") - END_S,
        crashes=options.kills,
    )
    tried = partial(_check_time, options.time)
    tried(_ideal_s(planned[0]))
    functions, slots = functions_of(name), options.slots or max(POOLS.values())
    sources = sources_of(functions)
    decision = Decision(
        job=name,
        functions=functions,
        spoilers=[*found_in(sources, slots), *declared_limits(name, planned[0].params, slots)],
        at_most=options.calls_most,
    )
    return Preparation(
        options=replace(options, at_most=options.calls_most),
        plan=plan,
        schedule=lambda: Decide(wanted, decision, partial(seen_in, sources=sources)),
        announced="\n".join([*_shown(decision), _announced(name, options, wanted)]),
        own=name not in registry.shipped("workload"),
        tried=tried,
    )


def _ideal_s(cell: CellPlan) -> float:
    """The least time that a request takes, as far as the workload says."""
    definition = registry.load("workload", cell.workload)
    workload: Workload[Any] = definition(definition.Params(**cell.params), Services(), 0)
    return workload.ideal_s or 0.0


def _check_time(text: str, alone_s: float) -> None:
    """Raise UsageError if no decision fits into that time, where a request takes so long."""
    least_s = Spans(alone_s).least_s()
    if seconds(text, "--time") < least_s:
        takes = f", where a request takes {alone_s:.3g} s" if alone_s >= SLOW_S else ""
        raise UsageError(f"--time {text}: a decision takes at least {time_in_words(least_s)}{takes}.")


def _name(options: DecideOptions) -> str:
    """The job as a workload."""
    parts = {"--coroutine": options.coroutine, "--task": options.task, "--payloads": options.payloads}
    given = [option for option, value in parts.items() if value is not None]
    if options.job and given:
        raise UsageError(f"JOB and {given[0]} exclude each other: a Job declares its parts itself.")
    if options.job:
        return workload_named(options.job, options, "JOB")
    if not given:
        raise UsageError("expected JOB, or --coroutine and --task: see workbench decide --help.")
    return job_from(
        coroutine=options.coroutine,
        task=options.task,
        payloads=options.payloads,
        path=options.path,
        allow_remote=options.allow_remote,
    ).name


def pools_for(name: str, given: Sequence[str], slots: int | None) -> list[str]:
    """Those that are tried; of a job that is a coroutine alone, workers that run it in an event loop of theirs."""
    if lacks(name, "celery") is None:
        return pools_of(given, slots)
    if given:
        raise UsageError(f"--pool {given[0]}: {name} has no task, which this pool needs. Add one: --task.")
    return [f"{OF_A_COROUTINE}:{slots or max(POOLS.values())}"]


def _asked(options: DecideOptions, name: str, pools: list[str]) -> ViewPlan:
    """The job with its parameters."""
    return make_plan(
        Asked(
            workloads=[name],
            contenders=[ASYNCIO, *pools],
            loads=["closed:1"],
            settings=options.settings,
            path=options.path,
            allow_remote=options.allow_remote,
            at_most=options.at_most,
        )
    ).view[0]


def rate_for(name: str, text: str | None) -> float | None:
    """As given, else as the job declares it."""
    job = registered.find(name)
    text, where = (text, "--rate") if text is not None or job is None else (job.facts.rate, f"the rate of {name}")
    if text is None:
        return None
    rate = quantity(text, PER_SECOND)
    if not rate or rate > 1_000_000:
        raise UsageError(f"{where}: expected a rate above 0, such as 120/s; got {text!r}.")
    return rate


def _shown(decision: Decision) -> list[str]:
    """What was found, before anything is called."""
    lines = []
    for function in decision.functions:
        options = "".join(f", {name}={value}" for name, value in function.options.items())
        lines.append(f"{function.side:8} {function.name} ({function.place}){options}")
    return lines + [f"spoiler  {spoiler_text(spoiler)}" for spoiler in decision.spoilers]


def _announced(name: str, options: DecideOptions, wanted: Wanted) -> str:
    rate = f"{wanted.rate_per_s:g}/s" if wanted.rate_per_s is not None else "a rate found on the way"
    pools = counted(len(wanted.pools), "Celery pool")
    kills = (
        "\nThe processes that execute it are killed in mid-call, once each (--no-crashes)." if wanted.crashes else ""
    )
    return (
        f"decide {name}: one request alone on asyncio and on {pools}, the pools in full use, the highest rate, "
        f"then {ROUNDS} rounds at {rate}.\n"
        f"It calls the job at most {options.calls_most:,} times (--at-most), and takes at most "
        f"{time_in_words(seconds(options.time, '--time'))} (--time).{kills}"
    )
