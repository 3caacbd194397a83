"""Workers that cost nothing: each announces itself, keeps a lease of its own, and has executed its part at once.

They answer in memory, in place of the broker; the session checks and counts what they answer as that of any worker.
"""

import base64
import contextlib
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np

from harness.contenders.celery import external
from harness.contenders.celery.answers import DESCRIBE, LEAVE, TAKE
from harness.contenders.celery.config import identity, runs
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet import leasing, members
from harness.contenders.celery.fleet.lease import Lease
from harness.contenders.contender import WorkersPlace
from harness.machine.usage import Reading
from harness.recording.request_numbers import FIRST, first_number
from harness.services.brokers.broker import broker_url
from harness.services.terms import Terms
from harness.services.waiting_places import waiting_place

RUN = "simulated:00beef"
POOL = "prefork"
SLOTS = 4
PLACE = WorkersPlace(
    broker=waiting_place(broker_url("redis://simulated"), None), queue=f"{RUN}:q", log=Path(), tasks=("sleep",)
)


class FreeWorkers:
    """So many of them, which share what so many drivers send."""

    def __init__(self, number: int, requests_each: Sequence[int]) -> None:
        """`requests_each`: of the drivers, beside the one that each verifies."""
        self._leases = {f"w{index}@far": Lease() for index in range(number)}
        sent = [first_number(driver) + np.arange(requests) for driver, requests in enumerate(requests_each)]
        executed = np.concatenate([np.full(len(sent), FIRST), *sent]).astype(np.int64)
        parts = np.array_split(executed, number)
        self._executed = {
            name: base64.b64encode(zlib.compress(part.tobytes(), 1)).decode()
            for name, part in zip(self._leases, parts, strict=True)
        }
        self._description = self._described()

    async def ask(
        self, place: WorkersPlace, command: str, arguments: Any, names: list[str] | None, limit_s: float
    ) -> dict[str, Any]:
        """In place of `harness.contenders.celery.control.ask`."""
        return {name: self._answer(name, command, arguments or {}) for name in names or self._leases}

    def _answer(self, name: str, command: str, said: dict[str, Any]) -> Any:
        lease = self._leases[name]
        if command == "workbench_reading":
            cpu_s = time.monotonic()
            return msgspec.to_builtins(
                Reading(at_ns=time.monotonic_ns(), cpu_s=cpu_s, main_cpu_s=cpu_s, processes=1, cpu_each={"1": cpu_s})
            )
        if command == "workbench_executed":
            of_trial = self._executed[name] if said["trial"] > 0 else base64.b64encode(zlib.compress(b"")).decode()
            return {"numbers": of_trial, "of_others": 0, "of_nobody": 0}
        if command == TAKE:
            lease.take(said["run"], said["holder"], said["queue"], renew=said["renew"])
        if command == LEAVE:
            lease.leave(said["run"], said["queue"])
        held = {"run": lease.run, "holder": lease.holder, "busy": 0, "instance": name}
        return {**self._description, "held": held} if command == DESCRIBE else held

    def _described(self) -> dict[str, Any]:
        settings = {key: value for key, value in identity().items() if key not in runs()}
        return {
            "host": "far",
            "cpus": 2,
            "boot_id": "far",
            "effective": {**settings, "pool": POOL, "slots": SLOTS},
            "runs": runs(),
            "backend": PLACE.broker.backend.scheme,
        }

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        """Whoever asks workers asks these."""

        async def sweep(*_: object) -> list[str]:
            return []

        with contextlib.ExitStack() as patches:
            for module in (external, leasing, members):
                patches.enter_context(patch.object(module, "ask", self.ask))
            patches.enter_context(patch.object(external, "sweep_but", sweep))
            yield

    @contextlib.asynccontextmanager
    async def leased(self) -> AsyncIterator[ExternalWorkers]:
        """All of them, found, checked and leased by a run."""
        with self._asked():
            workers = ExternalWorkers(POOL, PLACE, Terms(run=RUN, holder=RUN, note=lambda text: None))
            await workers.start()
            yield workers
            await workers.stop(1.0)
