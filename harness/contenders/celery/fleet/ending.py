"""A task whose end could not be told has ended all the same.

Where a broker is away for longer than Celery tries to store a result (20 s), the task's exception ends in the pool: its
worker would count it as being executed for ever, and every later run would wait for it.
"""

from collections.abc import Callable
from typing import Any

from celery.worker.state import task_ready


def note_ends(pool: Any) -> None:
    """Have a pool that executes in this process note every end; prefork tells those of its children."""
    if pool.uses_semaphore:
        return
    apply = pool.on_apply

    def on_apply(target: Callable[..., Any], *args: Any, callback: Any = None, **options: Any) -> Any:
        return apply(_noted(target, callback), *args, callback=callback, **options)

    pool.on_apply = on_apply


def _noted(target: Callable[..., Any], callback: Any) -> Callable[..., Any]:
    """`callback`: a method of the request, which is called where the task ends as it should."""

    def noted(*args: Any, **named: Any) -> Any:
        try:
            return target(*args, **named)
        except Exception:
            task_ready(callback.__self__)
            raise

    return noted
