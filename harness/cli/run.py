"""What `workbench run` does: makes the plan from what was asked, runs it, prints the tables."""

import asyncio
import random
import shlex
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from harness import registry
from harness.errors import INTERRUPTED, UsageError, exit_when_interrupted
from harness.loads.load import parse_load
from harness.plan import plan as plans
from harness.plan.limit import Limit
from harness.plan.plan import Plan, ViewPlan
from harness.progress.journal import Journal
from harness.progress.progress import Progress, Quiet, Several
from harness.results import store
from harness.results.model import Matched, Results
from harness.schedule.find_rate import FindRate
from harness.schedule.schedule import FixedRounds, Schedule, UntilPrecise
from harness.services.brokers.broker import KEEPER, kind_of, without_password
from harness.services.origin import check_url
from harness.session.document import succeeded
from harness.session.options import Options
from harness.session.session import Session
from harness.statistics.units import seconds

COMMAND_LINE = "the command line"
PLACES = ("-o", "--output", "--json")
"""Options that say where this run is written."""
REPORTS = {"report.md": "markdown", "report.html": "html"}
"""What is written into the run's folder, beside the document: file → format."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The command line's options, as they were given."""

    plan: str
    workloads: list[str] = []
    contenders: list[str] = []
    loads: list[str] = []
    duration: str | None = None
    requests: int | None = None
    rounds: str | None = None
    find_rate: str | None = None
    seed: int | None = None
    timeout: str = "30s"
    settings: list[str] = []
    brokers: list[str] = []
    result_backend: str | None = None
    origin_url: str | None = None
    postgres_url: str | None = None
    origin_processes: int = 1
    external: bool = False
    drivers: int = 1
    allow_remote_origin: bool = False
    folder: Path | None = None
    json: Path | None = None
    stamps: bool = False
    last_word: str | None = None
    quiet: bool = False
    arguments: list[str] = []


def execute(asked: Asked) -> int:
    """Run what was asked; returns the exit status, and raises WorkbenchError for what cannot be."""
    plan = make_plan(asked)
    return follow(asked, plan, schedule_of(plan))


def follow(asked: Asked, plan: Plan, schedule: Schedule) -> int:
    """Run that plan by that schedule."""
    if asked.drivers > 1 and plan.requests is not None:
        raise UsageError("--drivers and --requests exclude each other: several drivers share a time, not a number.")
    if asked.external and not asked.brokers:
        raise UsageError("--workers external: name the broker on which they wait, with --broker redis://HOST:PORT/0.")
    if asked.origin_url is not None and not asked.external:
        check_url(asked.origin_url, allow_remote=asked.allow_remote_origin, requests=most_requests(plan))
    place = store.Store(_folder(asked, plan))
    told = Several(Journal(place.journal), _progress(asked))
    session = Session(plan, _options(asked), place, told, schedule)
    try:
        interrupted = not asyncio.run(_run(session))
    finally:
        exit_when_interrupted()  # the event loop has taken its own handlers away
    results = session.results
    if results is not None:
        _show(asked, session, results)
    if interrupted:
        where = f" What was measured is saved in {session.folder}." if results else ""
        print(f"workbench: interrupted.{where}", file=sys.stderr)
        return INTERRUPTED
    return 0 if results is not None and succeeded(results) else 1


async def _run(session: Session) -> bool:
    """Run the session until its end, or until SIGINT or SIGTERM; False where it was interrupted."""
    task = asyncio.ensure_future(session.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return False
    except BaseExceptionGroup as group:  # services are started together: the first error tells what to do
        raise _first(group) from None
    return True


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def make_plan(asked: Asked) -> Plan:
    """The plan that was named, with what the options replace; raises UsageError."""
    plan = plans.load_plan(asked.plan)
    if brokers := list(brokers_of(asked)):
        views = [view if view.brokers else msgspec.structs.replace(view, brokers=brokers) for view in plan.view]
        plan = msgspec.structs.replace(plan, view=views)
    if asked.workloads or asked.contenders or asked.loads:
        plan = msgspec.structs.replace(plan, view=[_given_view(asked, plan.view[0])])
    if asked.requests is not None and asked.duration is not None:
        raise UsageError("--duration and --requests exclude each other: give one of them.")
    if asked.find_rate is not None:
        plan = _searching(plan, asked)
    changes: dict[str, Any] = {"duration": asked.duration, "requests": asked.requests, "rounds": _rounds(asked.rounds)}
    plan = msgspec.structs.replace(plan, **{key: value for key, value in changes.items() if value is not None})
    if asked.duration is not None:
        seconds(asked.duration, "--duration")
        views = [msgspec.structs.replace(view, duration=None) for view in plan.view]
        plan = msgspec.structs.replace(plan, view=views)
    plans.check_amounts(plan, COMMAND_LINE)
    return _with_settings(plan, asked.settings)


def _searching(plan: Plan, asked: Asked) -> Plan:
    """The plan, with the search for a rate instead of its loads; it holds for 10 s unless --duration says otherwise."""
    Limit.parse(asked.find_rate or "", "--find-rate")
    for given, name in ((asked.loads, "--load"), (asked.requests, "--requests")):
        if given:
            raise UsageError(f"--find-rate and {name} exclude each other: the rate is what is searched.")
    if _rounds(asked.rounds) == plans.AUTO:
        raise UsageError("--find-rate and --rounds auto exclude each other: a rate is confirmed in a number of rounds.")
    return msgspec.structs.replace(
        plan,
        find_rate=asked.find_rate,
        warmup=plans.FIND_RATE_WARMUP,
        duration=plans.FIND_RATE_DURATION,
        view=[msgspec.structs.replace(view, warmup=None, duration=None) for view in plan.view],
    )


def _rounds(text: str | None) -> int | str | None:
    """`--rounds`; what is no number is looked at with the plan's own."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else text


def schedule_of(plan: Plan) -> Schedule:
    """What a plan's trials follow."""
    if plan.find_rate is not None:
        return FindRate(Limit.parse(plan.find_rate, f"plan {plan.name}"))
    return UntilPrecise() if plan.rounds == plans.AUTO else FixedRounds()


def brokers_of(asked: Asked) -> dict[str, str]:
    """Kind of broker → the URL given for it; raises UsageError."""
    found: dict[str, str] = {}
    for url in asked.brokers:
        name = kind_of(url)
        if name in found:
            raise UsageError(f"--broker: two of the kind {name}: a run has one of each.")
        found[name] = url
    if asked.result_backend is not None and not found.keys() - {KEEPER}:
        raise UsageError("--result-backend: a Redis broker keeps its results itself; this is for --broker amqp://….")
    return found


def most_requests(plan: Plan) -> int | None:
    """The most requests that a trial sends to the origin; None where they are not counted but timed."""
    views = [view for view in plan.view if any("origin" in registry.load("workload", w).needs for w in view.workloads)]
    loads = [parse_load(text, COMMAND_LINE) for view in views for text in plans.plan_loads(plan, view, COMMAND_LINE)]
    loads += [
        parse_load("closed:1", COMMAND_LINE) for view in views if view.clients_per_slot and plan.find_rate is None
    ]
    counts = [load.at_most(plan.requests) for load in loads]
    known = [count for count in counts if count is not None]
    return max(known, default=0) if len(known) == len(counts) else None


def _given_view(asked: Asked, first: ViewPlan) -> ViewPlan:
    for name in asked.workloads:
        registry.check("workload", name, "-w")
    for text in asked.loads:
        parse_load(text, "--load")
    contenders = asked.contenders or plans.contenders_of(first, COMMAND_LINE)
    slots = {plans.parse_contender(text, "-c").slots for text in contenders}
    workloads = asked.workloads or first.workloads
    return ViewPlan(
        name="as given",
        matched=_matched(slots),
        workloads=workloads,
        contenders=contenders,
        brokers=first.brokers,
        loads=asked.loads or plans.loads_of(first, COMMAND_LINE),
        clients_per_slot=[] if asked.loads else first.clients_per_slot,
        duration=first.duration,
        warmup=first.warmup,
        set={name: params for name, params in first.set.items() if name in workloads},
    )


def _matched(slots: set[int | None]) -> Matched:
    """What contenders that were given by hand have in common."""
    if len(slots) == 1 and None not in slots:
        return "slots"
    return "resources" if slots <= {None, 1} else "none"


def _with_settings(plan: Plan, settings: list[str]) -> Plan:
    """`--set` in every view that has the workload."""
    views = list(plan.view)
    for text in settings:
        workload, parameter, value = plans.parse_setting(text)
        registry.check("workload", workload, f"--set {text!r}")
        if not any(workload in view.workloads for view in views):
            raise UsageError(f"--set {text!r}: {workload} is not in this run; add -w {workload}.")
        plans.checked_params(workload, {parameter: value}, "--set")
        views = [
            msgspec.structs.replace(view, set=view.set | {workload: view.set.get(workload, {}) | {parameter: value}})
            if workload in view.workloads
            else view
            for view in views
        ]
    return msgspec.structs.replace(plan, view=views)


def _options(asked: Asked) -> Options:
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(2**31)
    return Options(
        seed=seed,
        timeout_s=seconds(asked.timeout, "--timeout"),
        command=_again(asked, seed),
        place=COMMAND_LINE if asked.workloads or asked.contenders or asked.loads else f"plan {asked.plan}",
        brokers=brokers_of(asked),
        result_backend=asked.result_backend,
        origin_url=asked.origin_url,
        postgres_url=asked.postgres_url,
        origin_processes=asked.origin_processes,
        external=asked.external,
        drivers=asked.drivers,
        stamps=asked.stamps,
    )


def _again(asked: Asked, seed: int) -> str:
    """The command that makes the same run again: with the seed, without the places where this one was written."""
    kept, arguments = [], iter(asked.arguments)
    for text in arguments:
        if text in PLACES:
            next(arguments, None)
        elif not text.startswith(tuple(f"{place}=" for place in PLACES)):
            kept.append(text)
    given = [] if asked.seed is not None else ["--seed", str(seed)]
    return without_password(shlex.join(["workbench", *kept, *given]))


def _folder(asked: Asked, plan: Plan) -> Path:
    return asked.folder or Path("results") / f"{datetime.now():%Y%m%d-%H%M%S}-{plan.name}"


def _progress(asked: Asked) -> Progress:
    if asked.quiet:
        return Quiet()
    from harness.progress.terminal import Bar, Plain

    console = Console(stderr=True, highlight=False)
    return Bar(console) if console.is_terminal else Plain(console)


def _show(asked: Asked, session: Session, results: Results) -> None:
    """Write the reports into the run's folder; print the tables."""
    for file, kind in REPORTS.items():
        store.write_text(session.folder / file, registry.load("format", kind).render(results))
    if asked.json is not None:
        store.write(asked.json, results)
    if not asked.quiet and any(cell.trials for cell in results.cells):
        print(registry.load("format", "terminal").render(results))
        print("Written: " + ", ".join(f"{session.folder}/{file}" for file in (store.DOCUMENT, *REPORTS)))
        if asked.last_word is not None:
            print(asked.last_word)
