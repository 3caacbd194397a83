"""Drivers on other machines that wait for trials on a broker: found by asking, and held against this installation."""

from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.celery.control import ask
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerService

DESCRIBE = "workbench_driver"
"""The remote-control command that only drivers answer."""
FIND_S = 2.0


class WaitingDriver(msgspec.Struct, frozen=True):
    """A driver that answered."""

    name: str
    host: str
    cpus: float
    boot_id: str
    queue: str
    """From which it takes trials."""


async def waiting_drivers(broker: BrokerService) -> list[WaitingDriver]:
    """All drivers that wait on a broker, by name; raises ServiceError for one that runs something else."""
    from harness.contenders.celery.config import runs

    place = WorkersPlace(broker=broker.place, queue="", log=Path())
    answers = await ask(place, DESCRIBE, None, None, FIND_S)
    return [described(name, answer, runs()) for name, answer in sorted(answers.items())]


def described(name: str, answer: dict[str, Any], ours: dict[str, Any]) -> WaitingDriver:
    """A driver by its answer; raises ServiceError if its versions or tasks are not `ours`."""
    theirs = answer["runs"]
    differing = [f"{key} {theirs.get(key)!r}" for key, value in ours.items() if theirs.get(key) != value]
    if differing:
        raise ServiceError(
            f"driver {name} differs from this harness: it has {', '.join(differing)}. Install the same version on both."
        )
    return msgspec.convert(answer | {"name": name}, WaitingDriver)
