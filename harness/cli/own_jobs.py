"""Tries jobs of the user's own before a run, and says what came of it."""

import sys

from harness.errors import WorkbenchError
from harness.jobs.spec import Called, OwnJob
from harness.plan.own_checks import Trying, raise_difference
from harness.plan.own_jobs import compared
from harness.report.wording import counted


def try_jobs(trying: list[Trying], *, quiet: bool) -> None:
    """Call each job's sides; raises WorkbenchError where they fail, or reply differently."""
    for job, calls, sides in trying:
        tried = compared(job, calls, sides)
        if tried.difference is not None:
            raise_difference(job, tried.difference)
        for side, called in (("coroutine", tried.asyncio), ("task", tried.celery)):
            _check_one_replied(job, side, called)
        if not quiet:
            most = max(len(tried.asyncio), len(tried.celery))
            both = tried.asyncio and tried.celery
            said = "both sides gave the same replies" if both else "every one replied"
            print(f"{job.name}: {counted(most, 'payload')} tried before the run; {said}", file=sys.stderr)


def _check_one_replied(job: OwnJob, side: str, called: list[Called]) -> None:
    if called and all(call.error is not None for call in called):
        raise WorkbenchError(f"{job.name}: the {side} failed for payload {called[0].number}: {called[0].error}")
