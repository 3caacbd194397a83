"""A task that opens connections of Celery's own, or makes an application, each time that it runs."""

import ast
from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.source import Source, calls_in

MADE = frozenset({"celery.Celery", "celery.app.Celery", "kombu.Connection", "kombu.connection.Connection"})
METHODS = frozenset({"connection", "connection_for_read", "connection_for_write"})
APPLICATIONS = frozenset({"app", "current_app", "celery_app"})
"""What an application is usually called where it is imported."""
ACCEPTED_A_REQUEST = 0.5
REQUESTS_LEAST = 20


class CeleryConnection(Rule):
    """In the source of the task; and by the connections that the broker accepted."""

    kind = "celery-connection"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """`Celery(…)`, `kombu.Connection(…)` or `app.connection()` in the task."""
        if source.side != "celery":
            return
        for part in source.reached:
            for call in calls_in(part.function):
                name = part.called(call) or ""
                if name in MADE or _is_of_application(part, call):
                    yield Spoiler(
                        kind=self.kind,
                        side="celery",
                        text=f"each task opens a connection to the broker by {name}",
                        place=part.place(call),
                        advice="use the application's pools: app.producer_or_acquire(), or apply_async alone",
                    )

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """Many more connections than there are processes to hold them."""
        broker = seen.trial.usage.broker
        accepted = broker.accepted if broker is not None else None
        if accepted is not None and accepted >= max(REQUESTS_LEAST, ACCEPTED_A_REQUEST * seen.trial.submitted):
            yield Spoiler(
                kind=self.kind,
                side="celery",
                text=f"{seen.cell.label}: the broker accepted {accepted} connections for "
                f"{seen.trial.submitted} requests",
                advice="with gevent, set result_backend_thread_safe=True; open no connections in the task",
            )


def _is_of_application(source: Source, call: ast.Call) -> bool:
    """Whether it asks an application for a connection that is not one of its pool."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in METHODS):
        return False
    base = call.func.value
    name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
    return name in APPLICATIONS or source.module.made.get(name) in MADE


RULE = CeleryConnection()
