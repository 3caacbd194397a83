"""Drivers on other machines that wait for trials on a broker: found by asking, and held against this installation."""

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.celery.fleet.members import DRIVER, Member, differences, members, refusal
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerService


def queue_of(name: str) -> str:
    """The queue from which the driver of that name takes trials."""
    return f"driver:{name}"


class WaitingDriver(Member, frozen=True):
    """A driver that answered."""

    @property
    def queue(self) -> str:
        """From which it takes trials."""
        return queue_of(self.name)


def place_of(broker: BrokerService) -> WorkersPlace:
    """Where drivers are asked: they take no queue of a run."""
    return WorkersPlace(broker=broker.place, queue="", log=Path())


async def waiting_drivers(broker: BrokerService) -> list[WaitingDriver]:
    """All drivers that wait on a broker, by name; raises ServiceError for one that runs something else."""
    from harness.contenders.celery.config import runs

    found = await members(place_of(broker))
    return [checked(member, runs()) for member in found.values() if member.pool == DRIVER]


async def usable_drivers(broker: BrokerService) -> list[WaitingDriver]:
    """The same, without those that run something else: in the middle of a run, nobody is there to be told."""
    from harness.contenders.celery.config import runs

    usable = []
    for member in (await members(place_of(broker))).values():
        if member.pool == DRIVER:
            with contextlib.suppress(ServiceError):  # it differs, and is left out
                usable.append(checked(member, runs()))
    return usable


def checked(member: Member, ours: dict[str, Any]) -> WaitingDriver:
    """As a driver of ours; raises ServiceError if its versions, sources or tasks are not `ours`."""
    if differing := differences(member.runs, ours):
        raise refusal("driver", member.name, differing)
    if member.held is None:
        raise refusal("driver", member.name, ["it cannot be leased"])
    return WaitingDriver(**msgspec.structs.asdict(member))
