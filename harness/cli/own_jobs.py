"""Tries jobs of the user's own before a run, and says what came of it."""

import sys
from statistics import median

from harness.errors import UsageError, WorkbenchError
from harness.jobs.spec import Called, OwnJob
from harness.plan.own_checks import Trying, raise_difference
from harness.plan.own_jobs import Compared, compared, job_of
from harness.report.wording import counted


def try_jobs(trying: list[Trying], *, quiet: bool) -> float:
    """Call each job's sides; returns how long the slowest took for a request, in seconds: the middle of its calls.

    Raises WorkbenchError where they fail, or reply differently.
    """
    took_s = [0.0]
    for job, calls, sides in trying:
        tried = compared(job, calls, sides)
        if tried.difference is not None:
            raise_difference(job, tried.difference)
        for side, called in (("coroutine", tried.asyncio), ("task", tried.celery)):
            _check_one_replied(job, side, called)
        if not quiet:
            print(f"{job.name}: {outcome(tried)}", file=sys.stderr)
        took_s += [median(call.took_s for call in called) for called in (tried.asyncio, tried.celery) if called]
    return max(took_s)


def job_with_a_task(text: str, path: list[str], *, allow_remote: bool) -> str:
    """The name of the job that `--job` gives, registered; raises UsageError if no Celery worker could execute it."""
    job = job_of(text, path, allow_remote=allow_remote, option="--job")
    if job.facts.task is None:
        raise UsageError(f"--job {text}: it has no task, which Celery's workers could execute. Add task=….")
    return job.name


def outcome(tried: Compared) -> str:
    """What calling both sides came to, where they do not differ."""
    calls = max(tried.asyncio, tried.celery, key=len)
    both = tried.asyncio and tried.celery
    said = "both sides gave the same replies" if both else "every one replied"
    if failed := [call for call in calls if call.error is not None]:
        said += f" but for {len(failed)}, which failed{' on both' if both else ''}: "
        said = said.replace("every one", "all") + f"payload {failed[0].number}: {failed[0].error}"
    return f"{counted(len(calls), 'payload')} tried before the run; {said}"


def _check_one_replied(job: OwnJob, side: str, called: list[Called]) -> None:
    if called and all(call.error is not None for call in called):
        raise WorkbenchError(f"{job.name}: the {side} failed for payload {called[0].number}: {called[0].error}")
