"""A worker process: it takes from its queue, and answers the run's questions, until it is told to end."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

import msgspec

from harness.contenders.queues.coroutines import Coroutines
from harness.contenders.queues.ending import end
from harness.contenders.queues.messages import ENVIRONMENT, Place, Question
from harness.jobs.network import allow


def own_place() -> Place:
    """As the environment says, which keeps it no longer; a job that may call nobody else may call this Redis."""
    place = msgspec.json.decode(os.environ.pop(ENVIRONMENT), type=Place)
    allow(urlsplit(place.url).hostname)
    return place


async def work(
    place: Place, coroutines: Coroutines, taking: Coroutine[Any, Any, None], stop: Callable[[], object] | None = None
) -> None:
    """Take until SIGTERM, or until the run ends; raises what `taking` raises.

    `stop` makes it end of its own accord; without one it is cancelled.
    """
    serving = asyncio.create_task(_serve(coroutines, socket.socket(fileno=place.control)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    taken = asyncio.create_task(taking)
    await asyncio.wait({serving, taken}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    if stop is None:
        await end(taken)
    elif not taken.done():
        stop()
        await asyncio.wait({taken})
    if not taken.cancelled():
        taken.result()


async def _serve(coroutines: Coroutines, control: socket.socket) -> None:
    """Answer the run's questions until it ends."""
    reader, writer = await asyncio.open_unix_connection(sock=control)
    while line := await reader.readline():
        writer.write(msgspec.json.encode(coroutines.answer(msgspec.json.decode(line, type=Question))) + b"\n")
        await writer.drain()
