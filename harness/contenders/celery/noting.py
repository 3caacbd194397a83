"""Has a worker note in the ledger what it executes: outside of its processes, which may die."""

from typing import Any

from celery import signals

from harness.contenders.celery.backend import done
from harness.recording.ledger import Event, Ledger


def note_executions(app: Any, ledger: Ledger) -> None:
    """Note the begin of each task, also of one that was delivered again, and that its work has been done."""
    begin = app.loader.on_task_init

    def on_task_init(task_id: str, task: Any) -> None:
        if not task.request.retries and not task.request.replaced_task_nesting:
            ledger.note_task(task_id, Event.STARTED)
        begin(task_id, task)

    def on_end(task_id: str) -> None:
        ledger.note_task(task_id, Event.ENDED)

    app.loader.on_task_init = on_task_init
    done.append(on_end)

    def without_result(sender: Any = None, **_others: Any) -> None:
        if sender.request.ignore_result or sender.ignore_result:
            on_end(sender.request.id)

    signals.task_success.connect(without_result, weak=False)
