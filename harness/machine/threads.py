"""Runs a blocking call in a thread that does not keep the process from exiting."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Await `call(*arguments)`, made in a daemon thread.

    `asyncio.to_thread` would keep the process from ending until the call returns, and a call to a broker that has
    just been stopped may try again for a long time.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def work() -> None:
        result: T | None = None
        raised: BaseException | None = None
        try:
            result = call(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised where the call is awaited
            raised = error
        with suppress(RuntimeError):  # the loop is closed: nothing waits any more
            loop.call_soon_threadsafe(settle, result, raised)

    threading.Thread(target=work, daemon=True).start()
    return await future
