"""The one way to ask what is outside this process: with a deadline, and with every library's error as ServiceError.

A socket's time limit starts again with every byte, and a library may ask several times: only a deadline around the
whole call ends it, also against a server that sends a byte now and then, or is stopped.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from harness.errors import ServiceError
from harness.machine.deadline import in_time
from harness.machine.threads import in_thread, within
from harness.services.causes import Peer, explained

ANSWER_LIMIT_S = 4.0
"""Of a call; a run that cannot begin ends within 10 s of its start, also on a busy machine."""
T = TypeVar("T")


async def ask(peer: Peer, call: Callable[..., T], *arguments: Any, limit_s: float = ANSWER_LIMIT_S) -> T:
    """What a blocking call returns, made in a thread; raises ServiceError after `limit_s` at the latest.

    The thread of a call that does not return ends with its connection, or with this process.
    """
    with as_service_error(peer, limit_s):
        return await in_time(limit_s, in_thread(call, *arguments))


def ask_blocking(peer: Peer, call: Callable[..., T], *arguments: Any, limit_s: float = ANSWER_LIMIT_S) -> T:
    """The same where there is no event loop."""
    with as_service_error(peer, limit_s):
        return within(limit_s, call, *arguments)


async def give_up(asked: Iterable[asyncio.Task[Any]]) -> None:
    """No longer wait for these; what they end with is of no use, also where it is an error."""
    tasks = list(asked)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def as_service_error(peer: Peer, limit_s: float = ANSWER_LIMIT_S) -> Iterator[None]:
    """Raise ServiceError for what a library raises; a defect of the workbench's own stays what it is."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        if (reason := explained(error, peer, limit_s)) is None:
            raise
        raise ServiceError(reason) from None
