"""asyncio-uvloop: the same coroutines on uvloop's event loop."""

import asyncio

from harness.contenders._coroutines import Coroutines


class AsyncioUvloop(Coroutines):
    """uvloop: libuv's event loop."""

    name = "asyncio-uvloop"
    summary = "coroutines in the driver's process, on uvloop; without slots, unbounded"

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Uvloop's own."""
        import uvloop

        return uvloop.new_event_loop()


CONTENDER = AsyncioUvloop()
