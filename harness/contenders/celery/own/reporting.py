"""What a worker of a job of the user's own says of itself, beside what every worker says."""

from typing import Any

from harness.contenders.celery.own.finding import OwnTask
from harness.contenders.celery.own.refusing import options_of
from harness.jobs import registered
from harness.jobs.modules import fingerprint
from harness.results.cells import CHANGED, TASK


def effective(own: OwnTask, name: str) -> dict[str, Any]:
    """The options with which its task runs, and what the run has put in place of the application's own."""
    task = own.side.task
    return {
        "acks_late": bool(task.acks_late),
        "ignore_result": bool(task.ignore_result),
        "application": str(own.app.main or ""),
        **{f"{TASK}{option}": value for option, value in options_of(task).items()},
        **{f"{CHANGED}{setting}": ours for setting, (_, ours) in registered.get(name).facts.changed.items()},
    }


def identity(own: OwnTask, name: str) -> dict[str, str]:
    """By which a run knows a worker of its job that it has not started."""
    return {"name": name, "fingerprint": fingerprint(own.side.task.__module__)}
