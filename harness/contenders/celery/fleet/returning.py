"""What waits for runs is back soon after its broker is, however long that was away."""

import contextlib
from typing import Any

from kombu.connection import Connection

AGAIN_S = 2
"""Kombu waits two seconds longer each time, up to half a minute; a run that begins meanwhile finds nobody."""


class Returning(Connection):
    """Tries again every `AGAIN_S` seconds."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """As kombu's, without its growing pauses."""
        return super().ensure_connection(*args, **{"interval_start": AGAIN_S, "interval_step": 0, **options})

    def maybe_close_channel(self, channel: Any) -> None:
        """As kombu's, for channels that have messages to give back, too.

        On Redis they look for a connection that kombu has let go of already, and that error would end the worker.
        """
        with contextlib.suppress(AttributeError):  # it gives them back to nobody: the broker has lost them too
            super().maybe_close_channel(channel)


def return_soon(app: Any) -> None:
    """Have the worker of an application connect in this way, and never give up (Celery does after 100 times)."""
    app.amqp.Connection = Returning
    app.conf.broker_connection_max_retries = None
