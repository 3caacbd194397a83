"""The notes under a table of a job of the user's own: how its application runs, and what the run has replaced of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.table import Note
from harness.report.wording import listed
from harness.results.cells import CHANGED, OURS, TASK
from harness.results.model import Cell

APPLICATION = "application"
SETTINGS = ("acks_late", "prefetch_multiplier", "serializer", "compression", "result_backend_thread_safe")
"""Of the application, in addition to the task's options."""


def is_own(cell: Cell) -> bool:
    """Whether it runs the task of a job of the user's own."""
    return APPLICATION in cell.settings.asked


def notes(cells: Iterable[Cell]) -> Iterable[Note]:
    """Two for each of its contenders' applications, each once."""
    texts: dict[str, None] = {}
    for cell in filter(is_own, cells):
        effective = cell.settings.effective
        if APPLICATION in effective:
            texts[_runs(effective)] = None
        texts[_replaced(cell.settings.asked, effective)] = None
    return [Note(text) for text in texts]


def _runs(effective: Mapping[str, Any]) -> str:
    options = {key.removeprefix(TASK): value for key, value in effective.items() if key.startswith(TASK)}
    settings = {key: effective[key] for key in SETTINGS if key in effective and effective[key] is not None}
    shown = ", ".join(f"{key} {_text(value)}" for key, value in (settings | options).items())
    return f"The job's Celery application {effective[APPLICATION]!r} runs with its own settings: {shown}."


def _replaced(asked: Mapping[str, Any], effective: Mapping[str, Any]) -> str:
    changed = [
        _change(key.removeprefix(CHANGED), value, effective.get(key, OURS))
        for key, value in asked.items()
        if key.startswith(CHANGED)
    ]
    return (
        f"The run replaced {listed(changed)}. Workers run without gossip and mingle, from Celery 5.7 on without "
        "heartbeat (no effect), and add stamps to results (no difference)."
    )


def _change(setting: str, theirs: Any, ours: Any) -> str:
    """What it was, and what it is where that is not just the run's own."""
    return f"{setting} ({_text(theirs)})" if ours == OURS else f"{setting} ({_text(theirs)} → {_text(ours)})"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
