"""Celery's remote control as the side's code uses it: it reaches the workers of the trial, and no others."""

from typing import Any

from celery.app.control import Control


class OwnWorkers(Control):
    """Sends commands without a destination to the trial's workers.

    Other workers of the run share the broker: they do not have the task, and would mark its result as revoked.
    """

    def __init__(self, app: Any, workers: list[str]) -> None:
        super().__init__(app)
        in_json(self)
        self._workers = workers

    def broadcast(
        self, command: str, arguments: Any = None, destination: Any = None, *rest: Any, **options: Any
    ) -> Any:
        """As in Celery."""
        return super().broadcast(command, arguments, destination or self._workers, *rest, **options)


def in_json(control: Any) -> None:
    """Commands and their answers are JSON, whatever an application sends and accepts as tasks."""
    control.mailbox.accept, control.mailbox.serializer = ["json"], "json"
