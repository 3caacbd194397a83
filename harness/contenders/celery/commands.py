"""Which of Celery's remote-control commands a process of the workbench answers: those that the workbench sends."""

from typing import Any

from celery.worker.control import Panel


def keep_only(*names: str) -> None:
    """Forget all others: some import modules (`pool_restart`), write files (`objgraph`) or end the worker (`shutdown`).

    Raises KeyError for a name that Celery does not have.
    """
    tables: list[dict[str, Any]] = [Panel.data, Panel.meta]
    for table in tables:
        kept = {name: table[name] for name in names}
        table.clear()
        table.update(kept)
