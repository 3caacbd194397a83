"""A worker or driver that waits for runs has its name alone on its broker: a second one of that name does not start."""

import asyncio
from pathlib import Path

from harness.contenders.celery.answers import DESCRIBE
from harness.contenders.celery.control import ask, who
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerPlace

ASK_S = 1.0


def be_alone(name: str, place: BrokerPlace) -> None:
    """Raise ServiceError if another process answers by this name. It blocks."""
    asked = WorkersPlace(broker=place, queue="", log=Path())
    answers = asyncio.run(ask(asked, DESCRIBE, None, [name], ASK_S))
    if name in answers:
        raise ServiceError(
            f"the name {name} is taken on {place.url}: {who(answers[name])} has it. Start this one with another --name."
        )
