"""What is promised of a request that was accepted: by the contender's settings, or by a task of the user's own."""

from harness.contenders.contender import Contender
from harness.contenders.settings.celery_changes import expires_s
from harness.jobs.spec import OwnJob
from harness.results.crashes import Promise


def expires_s_of(contender: Contender, job: OwnJob | None) -> float | None:
    """After which a message of it is dropped: by a setting of the contender, or as a task of the user's own says."""
    if contender.side != "celery":
        return None
    own = None if job is None else job.facts.settings.get("expires")
    return float(own) if isinstance(own, int | float) else expires_s(contender.tuning)


def promise_of(contender: Contender, job: OwnJob | None) -> Promise:
    """A setting of the contender decides; without one, a task that is acknowledged late says as much as `acks-late`."""
    if any(setting.promise is not None for setting in contender.tuning) or contender.side != "celery" or job is None:
        return contender.promise
    return "at least once" if job.facts.settings.get("acks_late") else contender.promise
