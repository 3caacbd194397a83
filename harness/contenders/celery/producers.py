"""Who publishes the requests of a trial: the application's own `apply_async`, one by one or in batches, or the harness.

Decided in one place: for the client that is opened in a driver, and for what a report says beside a figure.
"""

from collections.abc import Iterable
from importlib.metadata import version

from celery import Task
from kombu import Producer

from harness.contenders.settings.celery_setting import CHUNK, CelerySetting
from harness.results.model import LEAN
from workloads.side import CelerySide

TOO_OLD = f"batches of messages need kombu 5.7; installed is {version('kombu')}"
APPLY_ASYNC, BATCH = "apply_async", "batch"


def producer_of(
    tuning: Iterable[CelerySetting], side: CelerySide, *, one_execution: bool = True, backlog: bool = False
) -> str:
    """By the settings; by default it is `apply_async`, but for a backlog the lean producer, where it can do the work.

    A backlog shows what workers do, not what publishing costs.
    """
    settings = list(tuning)
    asked = [setting.producer for setting in settings if setting.producer]
    if asked:
        return asked[0]
    possible = why_not_lean(side, one_execution=one_execution) is None
    return LEAN if backlog and possible and not any(setting.sends_more for setting in settings) else APPLY_ASYNC


def producer_asked(tuning: Iterable[CelerySetting]) -> str:
    """That of a job of the user's own: its application publishes its messages itself, unless settings say otherwise."""
    return next((setting.producer for setting in tuning if setting.producer), APPLY_ASYNC)


def why_not_own(producer: str, *, plain: bool) -> str | None:
    """Why that producer cannot publish a job of the user's own; None if it can. `plain`: a request is one task."""
    if producer == BATCH and not hasattr(Producer, "batch"):
        return TOO_OLD
    if producer == LEAN:
        return "ready-made messages would leave out what the job's own application does when it publishes"
    if producer == CHUNK:
        return "the job's own application has no task for chunks; celery-asyncio runs its coroutine in some"
    return f"batches need {PLAIN}" if producer == BATCH and not plain else None


def why_not_batch(side: CelerySide, *, one_execution: bool) -> str | None:
    """Why that work cannot be published in batches; None if it can."""
    if not hasattr(Producer, "batch"):
        return TOO_OLD
    return None if _is_plain(side, one_execution) else f"batches need {PLAIN}"


def why_not_chunk(side: CelerySide, *, one_execution: bool) -> str | None:
    """Why requests of that work cannot share a task; None if they can."""
    if not _is_plain(side, one_execution):
        return f"chunks need {PLAIN}"
    if side.several:
        return "chunks need work that is executed once: a task that is tried again would do so for all of its chunk"
    return None


def why_not_lean(side: CelerySide, *, one_execution: bool) -> str | None:
    """Why that work cannot be published as ready-made messages; None if it can."""
    if not hasattr(Producer, "batch"):
        return TOO_OLD
    if not _is_plain(side, one_execution):
        return f"ready-made messages need {PLAIN}"
    task = side.task
    reasons = {
        "ignores its result: nothing would say when it has ended": task.ignore_result,
        "expires: the time counts from each publishing": task.expires is not None,
        "has its own way of publishing (apply_async)": task.__class__.apply_async is not Task.apply_async,
        "has a name for logs that depends on its arguments (shadow_name)": task.__class__.shadow_name
        is not Task.shadow_name,
        "converts its arguments before they are published (pydantic)": task._dump_pydantic_arguments is not None,
    }
    why = next((reason for reason, applies in reasons.items() if applies), None)
    return why and f"ready-made messages are not possible: the task {task.name} {why}"


PLAIN = "plain requests: this workload's caller publishes its tasks itself"


def _is_plain(side: CelerySide, one_execution: bool) -> bool:
    """Whether a request is one task of which nothing is asked but its reply."""
    return side.is_one_task and one_execution
