"""Measures a plan: runs a session until its end or a signal, writes its reports, prints its tables."""

import asyncio
import random
import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from harness import registry
from harness.cli.last_resort import as_internal_error
from harness.cli.own_jobs import try_jobs
from harness.cli.run_options import RunOptions
from harness.cli.signals import exit_when_interrupted, uninterrupted
from harness.cli.urls import command_line, given_by
from harness.errors import INTERRUPTED, ServiceError, UsageError, WorkbenchError, WriteError
from harness.loads.load import parse_load
from harness.machine import kernel
from harness.machine.open_files import raise_limit
from harness.machine.sampling.rights import check_allowed
from harness.machine.sampling.samplers import sampler
from harness.plan.arriving import calls_origin, check_arrives
from harness.plan.cells import cells
from harness.plan.decide_time import END_S
from harness.plan.limit import Limit
from harness.plan.making import broker_urls, drivers_of
from harness.plan.own_checks import calls_before, check_jobs
from harness.plan.plan import AUTO, CellPlan, Plan
from harness.plan.profile import check_profile
from harness.plan.why import check_why, why_views
from harness.progress.journal import Journal
from harness.progress.progress import Progress, Quiet, Tee
from harness.report.formats import terminal
from harness.report.wording import counted
from harness.results import places, store
from harness.results.decision import RATE
from harness.results.model import Results
from harness.schedule.decide import Decide
from harness.schedule.find_rate import FindRate
from harness.schedule.limited import Limited
from harness.schedule.profiled import Profiled
from harness.schedule.schedule import FixedRounds, Schedule, UntilPrecise
from harness.schedule.why import Why, cost_of
from harness.services.origin import recognised
from harness.session.document import all_left_out, succeeded
from harness.session.options import Options
from harness.session.session import Session
from harness.statistics.units import seconds

PLACES = ("-o", "--output", "--json")
"""Options that say where this run is written."""
STANDARD_OUTPUT = Path("-")
"""As the argument of --json."""
MAX_TIME_LEAST_S = 10.0
FOLDER_CHARACTERS = 60
"""Of a plan's name in the name of a run's folder."""
REPORTS = {"report.md": "markdown", "report.html": "html"}
"""Files written into the run's folder in addition to the document: file → format."""


def measure(
    options: RunOptions, plan: Plan, schedule: Schedule, where: str, tried: Callable[[float], None] = lambda _: None
) -> int:
    """Run that plan by that schedule; returns the exit status, and raises WorkbenchError for what cannot be.

    `where` says where the plan was read, for errors of its cells; `tried` is told how long jobs of the user's own took
    for a request when they were tried.
    """
    kernel.check()
    foreign_origin = _has_foreign_origin(options, plan)
    planned = cells(plan, where)
    check_arrives(options, plan, planned, foreign_origin=foreign_origin)
    trying = check_jobs(options, planned)
    tried(try_jobs(trying, quiet=options.quiet))
    schedule = _limited(options, _with_profile(options, planned, _with_why(options, plan, schedule, where), where))
    folder = options.output or Path("results") / f"{datetime.now():%Y%m%d-%H%M%S}-{folder_name(plan.name)}"
    place = store.Store(folder)
    if options.json is not None and options.json != STANDARD_OUTPUT and options.json.parent != folder:
        places.check_writable(options.json, "--json")
    session = Session(
        plan,
        _session_options(options, where, calls_before(trying), origin_recognised=not foreign_origin),
        place,
        Tee(Journal(place.journal), _progress(options)),
        schedule,
    )
    raise_limit()  # each client and slot needs descriptors
    with as_internal_error(place.logs):
        try:
            interrupted = not asyncio.run(_run(session))
        finally:
            exit_when_interrupted()  # the event loop has taken its own handlers away
            if session.results is not None:  # also after an error: what was measured is shown
                _show(options, folder, session.results)
    if interrupted:
        saved = f" What was measured is saved in {folder}." if session.results else ""
        print(f"workbench: interrupted.{saved}", file=sys.stderr)
        return INTERRUPTED
    return _status(session.results)


def _status(results: Results | None) -> int:
    """Of a run that came to its end; raises ServiceError where every row was left out."""
    if results is not None and (reason := all_left_out(results)) is not None:
        raise ServiceError(reason)
    if results is not None and results.run.time_up and not any(cell.trials for cell in results.cells):
        print(f"workbench: nothing was measured: {results.run.ended}", file=sys.stderr)
    return 0 if results is not None and succeeded(results) else 1


def folder_name(plan: str) -> str:
    """A plan's name as part of a folder's: `http_date × asyncio:32` is `http_date-x-asyncio-32`."""
    return re.sub(r"[^\w.+-]+", "-", plan.replace("×", "x"))[:FOLDER_CHARACTERS].strip("-.")


async def _run(session: Session) -> bool:
    """Run the session until its end, or until a signal ends it; returns False if it was interrupted."""
    try:
        return await uninterrupted(session.run())
    except BaseExceptionGroup as group:  # services are started together: the first error is enough
        raise _first(group) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def schedule_of(plan: Plan) -> Schedule:
    """The schedule that the plan asks for."""
    if plan.find_rate is not None:
        return FindRate(Limit.parse(plan.find_rate, f"plan {plan.name}"))
    return UntilPrecise() if plan.rounds == AUTO else FixedRounds()


def _with_why(options: RunOptions, plan: Plan, schedule: Schedule, where: str) -> Schedule:
    """The search for what limits each row, where it is asked for; its cost is said before anything starts."""
    targets = check_why(options, plan, cells(plan, where))
    views = [view for target in targets for view in why_views(target, options)]
    if not views:
        return schedule
    trials, about_s = cost_of(plan, views)
    if not options.quiet:
        print(
            f"--why: {counted(len(views), 'change')} of {counted(len(targets), 'row')} after the run: {trials} trials, "
            f"about {about_s:.0f} s, and the start of workers and origins that they need",
            file=sys.stderr,
        )
    return Why(schedule, plan, views)


def _with_profile(options: RunOptions, planned: Sequence[CellPlan], schedule: Schedule, where: str) -> Schedule:
    """Each row once more with its stacks sampled, where that is asked for: of a decision, both sides at the rate.

    Raises UsageError where nothing can sample them, before anything starts.
    """
    if not options.profile:
        return schedule
    check_profile(options)
    check_allowed(sampler())
    ids = {cell.id for cell in planned if not parse_load(cell.load, where).describe().fault}
    of_run = not isinstance(schedule, Decide)
    return Profiled(schedule, lambda cell: cell.id in ids if of_run else RATE in cell.views)


def _limited(options: RunOptions, schedule: Schedule) -> Schedule:
    """That schedule, until --max-time is over; a run needs some of it to end."""
    limit_s = _max_time_s(options)
    if limit_s is None or options.max_time is None:
        return schedule
    return Limited(schedule, limit_s - END_S, options.max_time)


def _max_time_s(options: RunOptions) -> float | None:
    if options.max_time is None:
        return None
    limit_s = seconds(options.max_time, "--max-time")
    if limit_s < MAX_TIME_LEAST_S:
        raise UsageError(f"--max-time {options.max_time}: a run takes {MAX_TIME_LEAST_S:g} s to start and to end.")
    return limit_s


def _has_foreign_origin(options: RunOptions, plan: Plan) -> bool:
    """Whether a service that is not the workbench's origin was given for work that calls one: it is asked."""
    if options.origin is None or options.external or not calls_origin(plan):
        return False
    return recognised(options.origin) is None


def _session_options(options: RunOptions, where: str, calls_before: int, *, origin_recognised: bool) -> Options:
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**31)
    return Options(
        seed=seed,
        timeout_s=seconds(options.timeout, "--timeout"),
        command=command_again(sys.argv[1:], seed),
        place=where,
        brokers=broker_urls(options),
        own_shards=options.shards,
        result_backend=options.result_backend,
        origin_url=options.origin,
        origin_recognised=origin_recognised,
        postgres_url=options.postgres,
        origin_processes=options.origin_processes,
        external=options.external,
        drivers=drivers_of(options),
        wait_s=0.0 if options.wait is None else seconds(options.wait, given_by("--wait")),
        workers_at_most=options.workers_at_most,
        repeats=options.repeats,
        at_most=None if options.at_most is None else max(0, options.at_most - calls_before),
        stamps=options.stamps,
        sparing=options.at_most is not None,
    )


def command_again(given: list[str], seed: int) -> str:
    """The command that repeats the run: with its seed, without the paths of its output."""
    kept, arguments = [], iter(given)
    for text in arguments:
        if text in PLACES:
            next(arguments, None)
        elif not text.startswith(("-o", "--output=", "--json=")):
            kept.append(text)
    if not any(text == "--seed" or text.startswith("--seed=") for text in kept):
        kept += ["--seed", str(seed)]
    return command_line(["workbench", *kept])


def _progress(options: RunOptions) -> Progress:
    if options.quiet:
        return Quiet()
    from harness.progress.terminal import Bar, Plain

    console = Console(stderr=True, highlight=False)
    limit_s = _max_time_s(options)
    return Bar(console, limit_s) if console.is_terminal else Plain(console, limit_s)


def _show(options: RunOptions, folder: Path, results: Results) -> None:
    """Write the reports into the run's folder; print the tables.

    Raises WriteError for those that could not be written, once all others are.
    """
    failures = [failure for file, kind in REPORTS.items() if (failure := _failure(folder / file, kind, results))]
    to_stdout = options.json == STANDARD_OUTPUT
    if options.json is not None and not to_stdout and (failure := _failure(options.json, "json", results)):
        failures.append(failure)
    if not options.quiet and any(cell.trials for cell in results.cells):
        tables = sys.stderr if to_stdout else sys.stdout
        if not failures:
            print(f"Written to {folder}: {', '.join((store.DOCUMENT, *REPORTS))}", file=tables)
        shown = terminal.VERBOSE if options.verbose else terminal.FORMAT
        print(shown.first_screen(results), end="", file=tables)
        if options.last_word is not None:
            print(options.last_word, file=tables)
    if to_stdout:
        print(registry.load("format", "json").render(results))
    if failures:
        raise WriteError("\n".join(failures))


def _failure(path: Path, kind: str, results: Results) -> str | None:
    """Write a report of that kind; returns why it could not be written, or None."""
    try:
        places.write_text(path, registry.load("format", kind).render(results))
    except WorkbenchError as error:
        return str(error)
    return None
