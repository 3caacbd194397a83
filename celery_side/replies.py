"""Awaits the replies of tasks in an event loop, for which Celery has no API."""

import asyncio
from typing import Any

from celery.result import AsyncResult


def reply_of(result: AsyncResult[Any]) -> asyncio.Future[Any]:
    """A future of the task's reply; it raises what the task raised.

    Celery calls back in the thread that drains the results of this process, beside the event loop's:
    `while True: app.backend.result_consumer.drain_events()`.
    """
    loop = asyncio.get_running_loop()
    reply: asyncio.Future[Any] = loop.create_future()

    def settle(ready: AsyncResult[Any]) -> None:
        if reply.done():  # nobody waits any more
            return
        if ready.successful():
            reply.set_result(ready.result)
        else:
            reply.set_exception(ready.result)

    result.then(lambda ready: loop.call_soon_threadsafe(settle, ready))
    return reply
