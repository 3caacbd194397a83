"""Who waits for runs on a broker, as the session sees it: found by asking all, and held against this installation."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from harness.contenders.celery.answers import DESCRIBE, Description
from harness.contenders.celery.control import Answers, ask
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError

ASK_S = 1.0
"""How long to wait for answers to a broadcast, in seconds: how many there are is not known."""
DRIVER = "driver"
"""In place of a pool."""
MISSING = "unknown"

Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]


class Member(Description, frozen=True, kw_only=True):
    """A worker or a driver that answered."""

    name: Name

    @property
    def pool(self) -> str:
        """Its pool; that of a driver is `DRIVER`."""
        return str(self.effective.get("pool", DRIVER))

    @property
    def what(self) -> str:
        """Its pool, and its job."""
        return f"{self.pool}, job {self.job.name}" if self.job is not None else self.pool

    @property
    def slots(self) -> int:
        """Tasks that it executes at once; those of a driver are the run's to choose."""
        slots = self.effective.get("slots", 0)
        return slots if isinstance(slots, int) else 0

    @property
    def holder(self) -> str:
        """The run that has leased it, in words."""
        return self.held.holder if self.held is not None else ""


async def members(place: WorkersPlace) -> dict[str, Member]:
    """All that answer, workers and drivers, by name; raises ServiceError for a name that two have."""
    return members_of(await ask(place, DESCRIBE, None, None, ASK_S))


def members_of(answers: Answers) -> dict[str, Member]:
    """Answers as members; raises ServiceError for what none of them says."""
    found = {}
    for name, answer in sorted(answers.items()):
        try:
            found[name] = msgspec.convert({**answer, "name": name}, Member)
        except (msgspec.ValidationError, TypeError) as error:
            raise ServiceError(
                f"{name[:255]!r} answered on the broker, and is no worker or driver of this workbench: {error}"
            ) from None
    return found


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """In words: what is another there than here."""
    return [
        f"{key} is {theirs.get(key, MISSING)!r} there and {value!r} here"
        for key, value in ours.items()
        if theirs.get(key) != value
    ]


def refusal(kind: str, name: str, differing: list[str]) -> ServiceError:
    """The error for a worker or driver that runs something else; `differing` is not empty."""
    return ServiceError(
        f"{kind} {name} differs from this harness: {'; '.join(differing)}. Install the same version on both, "
        f"and start it with workbench {kind}."
    )
