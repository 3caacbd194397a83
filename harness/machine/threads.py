"""Runs a blocking call in a thread that does not keep the process from exiting."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from harness.errors import ServiceError
from harness.machine.limits import exhausted

T = TypeVar("T")


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Await `call(*arguments)`, made in a daemon thread.

    `asyncio.to_thread` would keep the process from ending until the call returns, and a call to a broker that has
    just been stopped may try again for a long time.
    """
    return await asyncio.wrap_future(_begun(call, *arguments))


def within(limit_s: float, call: Callable[..., T], *arguments: Any) -> T:
    """What `call(*arguments)` returns in a daemon thread; raises TimeoutError if that takes longer than `limit_s`."""
    return _begun(call, *arguments).result(limit_s)


def _begun(call: Callable[..., T], *arguments: Any) -> Future[T]:
    """A call that is under way, and that nothing can cancel."""
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result = call(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised where the call is awaited
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    try:
        threading.Thread(target=work, daemon=True).start()
    except RuntimeError as error:
        raise ServiceError(exhausted(error) or str(error)) from error
    return outcome
