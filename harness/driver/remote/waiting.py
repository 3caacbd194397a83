"""Drivers on other machines that wait for trials on a broker: found by asking, and held against this installation."""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from harness.contenders.celery.control import ask
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerService

DESCRIBE = "workbench_driver"
"""The remote-control command that only drivers answer."""
FIND_S = 2.0


Text = Annotated[str, msgspec.Meta(max_length=255, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]


def queue_of(name: str) -> str:
    """The queue from which the driver of that name takes trials."""
    return f"driver:{name}"


class WaitingDriver(msgspec.Struct, frozen=True):
    """A driver that answered."""

    name: str
    host: str
    cpus: float
    boot_id: str

    @property
    def queue(self) -> str:
        """From which it takes trials."""
        return queue_of(self.name)


class Answer(msgspec.Struct, frozen=True):
    """What a driver says of itself."""

    host: Text
    cpus: Annotated[float, msgspec.Meta(gt=0, le=100_000)]
    boot_id: Text
    runs: dict[str, str | list[str]]


async def waiting_drivers(broker: BrokerService) -> list[WaitingDriver]:
    """All drivers that wait on a broker, by name; raises ServiceError for one that runs something else."""
    from harness.contenders.celery.config import runs

    place = WorkersPlace(broker=broker.place, queue="", log=Path())
    answers = await ask(place, DESCRIBE, None, None, FIND_S)
    return [described(name, answer, runs()) for name, answer in sorted(answers.items())]


def described(name: str, answer: Any, ours: dict[str, Any]) -> WaitingDriver:
    """A driver by its answer; raises ServiceError if its versions or tasks are not `ours`, or it is no driver's."""
    try:
        said = msgspec.convert({"name": name, "answer": answer}, _Named).answer
    except msgspec.ValidationError as error:
        raise ServiceError(
            f"{name[:255]!r} answered on the broker, and is no driver of the workbench: {error}"
        ) from None
    differing = [f"{key} {said.runs.get(key)!r}" for key, value in ours.items() if said.runs.get(key) != value]
    if differing:
        raise ServiceError(
            f"driver {name} differs from this harness: it has {', '.join(differing)}. Install the same version on both."
        )
    return WaitingDriver(name, said.host, said.cpus, said.boot_id)


class _Named(msgspec.Struct, frozen=True):
    name: Text
    answer: Answer
