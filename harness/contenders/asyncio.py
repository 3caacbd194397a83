"""asyncio: coroutines in the caller's own process, on the standard event loop."""

from harness.contenders.in_process.coroutines import Coroutines


class Asyncio(Coroutines):
    """The standard library's selector event loop (epoll)."""

    name = "asyncio"
    summary = "coroutines in the driver's process, standard event loop; without slots, unbounded"


CONTENDER = Asyncio()
