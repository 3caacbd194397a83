"""The workers of celery-asyncio, as the session sees them."""

from typing import Any, ClassVar

import msgspec

from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import WorkersPlace

NAMES = "WORKBENCH_COROUTINES"
"""Variable with the workloads whose coroutines a worker executes; empty stands for all."""


class CoroutineWorker(CeleryWorker):
    """It has none of the Celery side's tasks."""

    module: ClassVar[str] = "harness.contenders.celery.coroutine_worker"

    def __init__(self, pool: str, slots: int, place: WorkersPlace, *others: Any) -> None:
        env = {**place.env, NAMES: " ".join(place.tasks)}
        super().__init__(pool, slots, msgspec.structs.replace(place, env=env, tasks=()), *others)
