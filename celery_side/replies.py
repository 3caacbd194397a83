"""Awaits the results of tasks in an event loop; Celery has no API for that."""

import asyncio
from typing import Any

from celery.result import AsyncResult


def reply_of(result: "AsyncResult[Any]") -> asyncio.Future[Any]:
    """A future of the task's result; it raises what the task raised.

    Celery runs the callback in the thread that drains the results of this process, which is not the event loop's:
    `while True: app.backend.result_consumer.drain_events()`.
    """
    loop = asyncio.get_running_loop()
    reply: asyncio.Future[Any] = loop.create_future()

    def settle(ready: "AsyncResult[Any]") -> None:
        if reply.done():  # it was cancelled
            return
        if ready.successful():
            reply.set_result(ready.result)
        else:
            reply.set_exception(ready.result)

    result.then(lambda ready: loop.call_soon_threadsafe(settle, ready))
    return reply
