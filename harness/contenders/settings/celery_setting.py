"""What a setting of the Celery side can change."""

from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.settings.setting import Setting
from harness.contenders.settings.time_scale import scale_of

QUEUE_ARGUMENTS = "workbench_queue_arguments"
"""Of the run's queue on RabbitMQ (`harness.contenders.celery.queues`): Celery has no setting for them."""
PUBLISHING = "what publishes the requests"
CHUNK = "chunk"
"""The producer that puts several payloads into one task."""
CHUNK_WAIT_S = 0.005
"""How long the first payload of a chunk waits for it to be filled, at the most."""
WITHOUT_HIREDIS = str(Path(__file__).resolve().parent / "without_hiredis")


class CelerySetting(Setting, frozen=True, kw_only=True):
    """A change of the client, of the workers, or of both."""

    conf: dict[str, Any] = msgspec.field(default_factory=dict)
    """Celery settings for client and workers; a dict is merged into the existing value."""
    worker_conf: dict[str, Any] = msgspec.field(default_factory=dict)
    """Celery settings for the workers only."""
    env: dict[str, str] = msgspec.field(default_factory=dict)
    """Environment of the workers."""
    redis_only: bool = False
    """Whether only Redis supports it."""
    rabbitmq_only: bool = False
    """Whether only RabbitMQ does."""
    workers: int = 1
    """Worker processes, which share the slots."""
    queues: int = 1
    """Queues of the requests, by their kinds; each has workers of its own."""
    producer: str = ""
    """What publishes the requests (see `harness.contenders.celery.producers`); empty: what does so by default."""
    sends_more: bool = False
    """Whether the application publishes more than the task's message for each request."""
    unix_socket: bool = False
    """Whether client and workers connect to the run's Redis over its Unix socket."""
    chunk: int = 0
    """Payloads that a task carries at the most; 0: one request is one task."""

    @property
    def of_workers(self) -> bool:
        """Whether it changes anything of how workers are started."""
        changes = self.conf or self.worker_conf or self.env or scale_of([self.name]) > 1
        return bool(changes or self.workers > 1 or self.unix_socket or self.chunk)
