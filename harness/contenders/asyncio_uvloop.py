"""asyncio-uvloop: the same coroutines on uvloop's event loop; another name for `asyncio+uvloop`."""

from harness.contenders.in_process.coroutines import Coroutines
from harness.contenders.settings.asyncio import uvloop_loop


class AsyncioUvloop(Coroutines):
    """uvloop: libuv's event loop."""

    name = "asyncio-uvloop"
    summary = "coroutines in the driver's process, on uvloop; without slots, unbounded"
    standard = staticmethod(uvloop_loop)


CONTENDER = AsyncioUvloop()
