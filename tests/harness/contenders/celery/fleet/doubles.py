"""Workers that wait for runs, each with a real lease, and the broker over which they are asked."""

import base64
import zlib
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.celery import external
from harness.contenders.celery.answers import LEAVE, TAKE
from harness.contenders.celery.config import identity
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet import leasing, members
from harness.contenders.celery.fleet.lease import Lease
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url, peer_of
from harness.services.terms import Terms
from harness.services.waiting_places import waiting_place

OF_WORKERS = ("python", "celery", "kombu", "redis", "gevent", "celery-or-asyncio-workbench", "sources", "tasks")
"""What a fingerprint has; all else is a setting."""
NOTHING = base64.b64encode(zlib.compress(b"")).decode()
TERMS = Terms(run="run:abcdef", holder="run:abcdef (h)", note=lambda text: None)
OTHERS = Terms(run="other:123456", holder="other:123456 (far, process 7)", note=lambda text: None)


PLACE = WorkersPlace(
    broker=waiting_place(broker_url("redis://:sesame@127.0.0.1:1/0"), None),
    queue="run:abcdef:q",
    log=Path("log"),
)


def answer(slots: int = 4, pool: str = "prefork", **changes: Any) -> dict[str, Any]:
    """What a worker like this harness says of itself, with something changed."""
    said = identity() | changes
    return {
        "host": "h",
        "cpus": 2,
        "boot_id": "b",
        "effective": {key: value for key, value in said.items() if key not in OF_WORKERS}
        | {"pool": pool, "slots": slots},
        "runs": {key: value for key, value in said.items() if key in OF_WORKERS},
        "backend": "redis",
    }


async def nothing(*_: Any) -> None:
    """There is no broker."""


class Bus:
    """Answers of workers, by command; what was asked of whom is noted."""

    def __init__(self, described: dict[str, dict[str, Any]]) -> None:
        self.described = described
        self.silent: set[str] = set()
        self.has_gone = False
        """Whether the broker has."""
        self.busy: dict[str, int] = {}
        """Tasks that a worker still has; one less each time that it is asked."""
        self.instances: dict[str, str] = {}
        self.asked: list[tuple[str, tuple[str, ...] | None]] = []
        self.now_s = 0.0
        self.leases = {name: Lease(lambda: self.now_s) for name in described}

    async def __call__(
        self, place: WorkersPlace, command: str, arguments: Any, names: list[str] | None, limit_s: float
    ) -> dict[str, Any]:
        """As over Celery's remote control, where no destination means everybody."""
        self.asked.append((command, tuple(names) if names is not None else None))
        if self.has_gone:
            raise ServiceError(f"{peer_of(place.broker.url).shown} could not be reached")
        there = [name for name in (names or self.described) if name in self.described and name not in self.silent]
        return {name: self._answer(name, command, arguments) for name in there}

    def _answer(self, name: str, command: str, arguments: Any) -> Any:
        lease = self.leases[name]
        lease.lapsed()
        if command == TAKE:
            lease.take(arguments["run"], arguments["holder"], arguments["queue"], renew=arguments["renew"])
        if command == LEAVE:
            lease.leave(arguments["run"], arguments["queue"])
        self.busy[name] = max(0, self.busy.get(name, 0) - 1)
        instance = self.instances.get(name, "first")
        held = {"run": lease.run, "holder": lease.holder, "busy": self.busy[name], "instance": instance}
        if command == "workbench_describe":
            return self.described[name] | {"held": held}
        if command == "workbench_executed":
            return {"numbers": NOTHING, "of_others": 0, "of_nobody": 0}
        return held if command in (TAKE, LEAVE) else {"ok": command}

    def come(self, name: str, described: dict[str, Any]) -> None:
        """Another worker, or the same one started again."""
        self.described[name] = described
        self.leases[name] = Lease(lambda: self.now_s)
        self.instances[name] = f"another {name}"

    def go(self, name: str) -> None:
        """It has ended."""
        del self.described[name]

    def commands(self) -> list[str]:
        """What was asked, in order."""
        return [command for command, _ in self.asked]

    def on(self, monkeypatch: pytest.MonkeyPatch) -> "Bus":
        """Ask these workers instead of those on a broker; nothing is waited for."""
        for module in (external, leasing, members):
            monkeypatch.setattr(module, "ask", self)
        monkeypatch.setattr(external, "sweep_but", nothing)
        monkeypatch.setattr(external, "FIND_LIMIT_S", 0.05)
        monkeypatch.setattr(external, "TRY_AGAIN_S", 0.0)
        monkeypatch.setattr(external, "LOOK_S", 0.0)
        monkeypatch.setattr(leasing, "POLL_S", 0.0)
        return self


async def started(pool: str = "prefork", terms: Terms = TERMS) -> ExternalWorkers:
    """Found and told to take the queue."""
    workers = ExternalWorkers(pool, PLACE, terms)
    await workers.start()
    return workers
