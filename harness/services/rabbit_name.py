"""A name on a RabbitMQ: a queue of a connection's own, which goes with it. What is here blocks, and raises as amqp."""

import contextlib
from typing import Any

from harness.services.names import HELD_S
from harness.services.rabbit_client import connected
from harness.services.rabbit_queues import has_alone
from harness.services.url import Url


class RabbitName:
    """That of a worker or a driver."""

    def __init__(self, url: Url, name: str) -> None:
        self._url = url
        self._queue = f"name:{name}"
        self._open = contextlib.ExitStack()
        self._channel: Any = None

    def hold(self) -> bool:
        """Take it, or keep it: whoever asks again has something to say, as heartbeats demand."""
        has_it = False
        try:
            if self._channel is None:
                self._channel = self._open.enter_context(connected(self._url, heartbeat_s=HELD_S / 2)).channel()
            has_it = has_alone(self._channel, self._queue)
        finally:
            if not has_it:
                self.leave()
        return has_it

    def leave(self) -> None:
        """Give it back."""
        self._channel = None
        self._open.close()
