"""What workers and drivers that were killed while they waited have left on a broker: known by asking who is there."""

from collections.abc import Iterable
from pathlib import Path

from harness.contenders.celery.fleet.members import members
from harness.contenders.contender import WorkersPlace
from harness.services import calls
from harness.services.brokers.broker import BrokerPlace, kind, kind_of, peer_of
from harness.services.url import Url
from harness.services.waiting_places import waiting_place


async def sweep(url: Url) -> list[str]:
    """Remove it; returns the names of those that have gone. Raises ServiceError."""
    place = WorkersPlace(broker=waiting_place(url, None), queue="", log=Path())
    return await sweep_but(place.broker, await members(place))


async def sweep_but(place: BrokerPlace, there: Iterable[str]) -> list[str]:
    """Remove it, but for those that are there."""
    broker_kind = kind(kind_of(place.url))
    return await calls.ask(peer_of(place.url), broker_kind.forget_waiting, place.url, list(there))
