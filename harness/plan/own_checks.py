"""What is checked of jobs of the user's own before a run: that their sides are there, what they may call, how often."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from harness.contenders.contender import contender_of
from harness.contenders.sides.declaration import lacks
from harness.errors import UsageError, WorkbenchError
from harness.jobs import registered
from harness.jobs.differences import at
from harness.jobs.network import is_loopback
from harness.jobs.spec import Difference, OwnJob
from harness.jobs.text import cut
from harness.loads.load import parse_load
from harness.plan.asked import Asked
from harness.plan.own_jobs import CALLS
from harness.plan.plan import CellPlan

TRYING_SHARE = 20
"""One in so many calls is for trying, at the most, where a run shares its calls among its trials."""
INSTEAD = {
    "celery": "Add task=…, or measure the coroutine alone: workbench run -c asyncio:32 -c celery-asyncio:32.",
    "asyncio": "Add coroutine=…, or measure the task alone: workbench run -c celery-threads:32.",
}
"""What to do about a side that a job does not have."""
UNSTABLE = "The coroutine alone replies differently there from one time to the next"
REPEATED_MOST = 5
"""One in so many trials is measured again, at the most."""


class Trying(NamedTuple):
    """How a job is tried before the run."""

    job: OwnJob
    calls: int
    """Of each side."""
    sides: frozenset[str]


def check_jobs(asked: Asked, cells: Iterable[CellPlan]) -> list[Trying]:
    """How the jobs of these cells are to be tried before; raises UsageError if one cannot be measured as asked."""
    by_job: dict[str, list[CellPlan]] = {}
    for cell in cells:
        if registered.find(cell.workload) is not None:
            by_job.setdefault(cell.workload, []).append(cell)
    return [_check(registered.get(name), of_job, asked) for name, of_job in by_job.items()]


def calls_before(trying: Iterable[Trying]) -> int:
    """How often the jobs are called before the run, at the most."""
    return sum(each.calls * len(each.sides) for each in trying)


def _check(job: OwnJob, cells: list[CellPlan], asked: Asked) -> Trying:
    if asked.external and any(cell.drivers > 1 for cell in cells):
        raise UsageError(
            f"{job.name}: with --workers external, drivers may be on machines that do not have a job of your own. "
            "Leave out --drivers."
        )
    bodies = {cell.contender: contender_of(cell.contender, cell.tuning).body for cell in cells}
    for contender, body in bodies.items():
        if body is not None and (reason := lacks(job.name, body)) is not None:
            raise UsageError(f"{contender}: {reason}. {INSTEAD[body]}")
    _check_hosts(job, asked)
    called = frozenset(body for body in bodies.values() if body is not None)
    calls = _calls_before(job, cells, asked, len(called))
    return Trying(job, calls, called)


def _calls_before(job: OwnJob, cells: list[CellPlan], asked: Asked, sides: int) -> int:
    """Calls of each side before the run; raises UsageError if the run could go beyond its bound."""
    if asked.at_most is None:
        return CALLS
    if asked.ends_at_bound:
        return max(1, min(CALLS, asked.at_most // (TRYING_SHARE * sides)))
    return _calls_left(job, cells, asked, sides)


def _check_hosts(job: OwnJob, asked: Asked) -> None:
    remote = [host for host in job.facts.hosts if not is_loopback(host)]
    if remote and not asked.allow_remote:
        raise UsageError(
            f"{job.name} calls {', '.join(remote[:3])}, which is not this machine. If you may load that service: "
            "--allow-remote --at-most N."
        )
    if asked.allow_remote and asked.at_most is None:
        requests = "" if asked.ends_at_bound else " and --requests N"
        raise UsageError(f"--allow-remote: say how often {job.name} may be called, with --at-most N{requests}.")


def _calls_left(job: OwnJob, cells: list[CellPlan], asked: Asked, sides: int) -> int:
    """How often each side may be tried before, within the bound; raises UsageError if the run alone goes beyond it."""
    if asked.find_rate is not None or asked.why or asked.rounds == "auto":
        raise UsageError("--at-most: --find-rate, --why and --rounds auto call a job as often as it takes.")
    planned = sum(_calls(cell, asked) for cell in cells)
    left = (asked.at_most or 0) - planned
    if left < sides:
        raise UsageError(
            f"--at-most {asked.at_most}: {job.name} would be called up to {planned + sides} times, in all cells and "
            "rounds, with a request before each trial. Use fewer --requests, --rounds or contenders."
        )
    return min(CALLS, left // sides)


def _calls(cell: CellPlan, asked: Asked) -> int:
    requests = parse_load(cell.load, cell.id).at_most(cell.requests)
    if requests is None:
        raise UsageError(f"--at-most: {cell.load} calls as often as fits into its time. Add --requests N.")
    trials = cell.rounds * cell.times_a_round
    repeated = -(-trials // REPEATED_MOST) if asked.repeats else 0
    return (requests + cell.drivers) * (trials + repeated)


def raise_difference(job: OwnJob, difference: Difference) -> None:
    """Raise WorkbenchError that shows where both sides differ."""
    raise WorkbenchError("\n".join(shown(job, difference)))


def shown(job: OwnJob, difference: Difference) -> Iterator[str]:
    """The difference in a few lines."""
    if difference.failed:
        replied = "celery" if difference.failed == "asyncio" else "asyncio"
        yield f"{job.name}: {difference.failed} fails for payload {difference.number}, to which {replied} replies"
        yield f"    payload  {cut(str(difference.payload))}"
        for side in ("asyncio", "celery"):
            yield f"    {side:8} {cut(str(getattr(difference, side)))}"
        return
    where = f" at {difference.path}" if difference.path else ""
    yield f"{job.name}: both sides reply differently to payload {difference.number}{where}"
    yield f"    payload  {cut(str(difference.payload))}"
    for side, reply in (("asyncio", difference.asyncio), ("celery", difference.celery)):
        yield f"    {side:8} {cut(at(reply, difference.path))}"
    if difference.path:
        yield f"    whole    {cut(str(difference.asyncio))}"
        yield f"             {cut(str(difference.celery))}"
        field = difference.path.rpartition(".")[2].partition("[")[0]
        why = UNSTABLE if difference.unstable else "If they may differ there, as dates and ids do"
        yield f"{why}: Job(ignore=[{field!r}])."
