"""A worker or driver that waits for runs has its name alone on its broker: a second one of that name does not start."""

import asyncio
import contextlib
import logging
import os
import platform
import threading
import time
from pathlib import Path
from typing import Any

from celery import signals

from harness.contenders.celery.answers import DESCRIBE
from harness.contenders.celery.control import ask, broadcast, who
from harness.contenders.celery.fleet.lease import RENEW_S
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerPlace, kind, kind_of, peer_of
from harness.services.calls import ask_blocking
from harness.services.names import HELD_S, Name

ASK_S = 1.0
FREE_WITHIN_S = HELD_S + 3.0
"""The name of a process that was killed, which a supervisor starts again."""
END_S = 1.0
logger = logging.getLogger(__name__)


def be_alone(name: str, place: BrokerPlace) -> None:
    """Raise ServiceError if another process answers by this name, before this one becomes a worker. It blocks."""
    _check(name, place, asyncio.run(ask(_asked(place), DESCRIBE, None, [name], ASK_S)))


def have_name(queue: str, place: BrokerPlace) -> None:
    """Have the name of this process, which waits on that queue, to itself until it ends; of several, one has it.

    Raises ServiceError that names the one that has it. It blocks.
    """
    name = queue.partition(":")[2]
    held = kind(kind_of(place.url)).name(place.url, name)
    until_s = time.monotonic() + FREE_WITHIN_S
    while not _held(held, place):
        _check(name, place, ask_blocking(peer_of(place.url), broadcast, _asked(place), DESCRIBE, {}, [name], ASK_S))
        if time.monotonic() > until_s:
            raise _taken(name, place, "a process that does not answer")
    _keep(held, place)


def _keep(name: Name, place: BrokerPlace) -> None:
    """In a thread: the process may execute a task."""
    ending = threading.Event()

    def keep() -> None:
        while not ending.wait(RENEW_S):
            with contextlib.suppress(ServiceError):  # the broker is away: it is tried again
                if not _held(name, place):
                    logger.warning("another process has this one's name: it did not answer for too long")

    keeping = threading.Thread(target=keep, daemon=True)
    keeping.start()

    @signals.worker_shutdown.connect(weak=False)
    def leave(**_kwargs: Any) -> None:
        ending.set()
        keeping.join(END_S)
        with contextlib.suppress(ServiceError):  # it is free before long
            ask_blocking(peer_of(place.url), name.leave)


def _held(name: Name, place: BrokerPlace) -> bool:
    return ask_blocking(peer_of(place.url), name.hold)


def _asked(place: BrokerPlace) -> WorkersPlace:
    return WorkersPlace(broker=place, queue="", log=Path())


def _check(name: str, place: BrokerPlace, answers: dict[str, Any]) -> None:
    if name in answers:
        raise _taken(name, place, who(answers[name]))


def _taken(name: str, place: BrokerPlace, holder: str) -> ServiceError:
    return ServiceError(
        f"the name {name} is taken on {place.url}: {holder} has it, and this is process {os.getpid()} on "
        f"{platform.node()}. Start this one with another --name."
    )
