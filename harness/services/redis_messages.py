"""What kombu keeps of messages on a Redis, read and removed by the ids of their tasks.

What is here blocks, and raises what redis-py raises.
"""

from typing import Any

import msgspec

from harness.services.brokers.broker import Left
from harness.services.redis_keys import INDEX, PRIORITIES, held_of


class _Headers(msgspec.Struct, frozen=True):
    id: str = ""


class _Message(msgspec.Struct, frozen=True):
    headers: _Headers = _Headers()


_message = msgspec.json.Decoder(_Message)
_held = msgspec.json.Decoder(tuple[_Message, str, str])
"""With the exchange and the routing key."""


def left(asking: Any, prefix: str, queue: str, trial: int) -> Left:
    """The numbers of a trial's requests."""
    waiting = [each for name in _lists(prefix, queue) for each in asking.lrange(name, 0, -1)]
    ready = [_number(_message.decode(each), trial) for each in waiting]
    held = [_number(message, trial) for name in held_of(prefix, queue) for message in _held_in(asking, name).values()]
    return Left(_known(ready), _known(held))


def clear(asking: Any, prefix: str, queue: str, trial: int) -> None:
    """Remove them: of a queue all that waits, of what is held that trial's alone."""
    asking.unlink(*_lists(prefix, queue))
    for name in held_of(prefix, queue):
        held = _held_in(asking, name).items()
        tags = [tag for tag, message in held if _number(message, trial) is not None]
        if tags:
            asking.hdel(name, *tags)
            asking.zrem(f"{name}{INDEX}", *tags)


def _known(numbers: list[int | None]) -> frozenset[int]:
    return frozenset(number for number in numbers if number is not None)


def _lists(prefix: str, queue: str) -> list[str]:
    return [f"{prefix}{queue}{priority}" for priority in PRIORITIES]


def _held_in(asking: Any, name: str) -> dict[bytes, _Message]:
    kept = asking.hgetall(name)
    return {tag: _held.decode(each)[0] for tag, each in kept.items()}


def _number(message: _Message, trial: int) -> int | None:
    """Of the request whose task it is, `TRIAL.NUMBER`; None if it is another's, or that which is verified first."""
    of, _, number = message.headers.id.partition(".")
    if of != str(trial) or not number.isdecimal():
        return None
    return int(number)
