"""A trial as its load sees it (`harness.loads.load.Measuring`): warm-up, the measured window, pausing the contender."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from harness.contenders.contender import Driven
from harness.driver.messages import Moment, TrialSpec
from harness.driver.orders import Orders
from harness.driver.window import Window
from harness.loads.shared.issuer import Issuer
from harness.machine.clock import NS

WARMUP_CLIENTS = 16
WARMUP_LATENCIES = 1.25
"""The window opens only once a queue in front of the slots has reached its length."""


class Measurement:
    """What a load drives, from the moment at which the first reply has been verified."""

    def __init__(
        self,
        spec: TrialSpec,
        side: Driven,
        issuer: Issuer,
        window: Window,
        orders: Orders,
        *,
        service_s: float,
        expected_s: float,
    ) -> None:
        """`service_s`: about how long a request takes to serve; `expected_s`: with the queue in front of it."""
        self.seed = spec.seed
        self.service_s = service_s
        self.issuer = issuer
        self._spec = spec
        self._side = side
        self._window = window
        self._orders = orders
        self._warmup_s = max(spec.warmup_s, WARMUP_LATENCIES * expected_s) if spec.warmup_s else 0.0

    @property
    def closed_ns(self) -> int:
        """When the measured window closed; 0 before that."""
        return self._window.closed_ns

    async def steady_window(self) -> None:
        """Warm up, open the measured window, keep it open for its time or number of requests, close it."""
        if self._warmup_s:
            await asyncio.sleep(self._warmup_s)
            await asyncio.sleep(2e-9)  # so that nothing was issued at the very nanosecond in which the window opens
        self._window.open()
        if self._spec.requests is not None:
            self.issuer.accept_only(self._spec.requests)
            await self.issuer.stopped()
            self._window.close(with_this_moment=True)
        else:
            with suppress(TimeoutError):  # an abort ends the window before its time
                await asyncio.wait_for(self.issuer.stopped(), self._spec.duration_s)
            self._window.close()
            await self._usage_read("closed")
        self.issuer.stop()

    async def warm_up(self) -> None:
        """For a load without a steady state: a few closed clients for the time of the warm-up, to their end."""
        now = self.issuer.clock.now
        end = now() + int(self._spec.warmup_s * NS)

        async def client() -> None:
            while self.issuer.accepting and now() < end:
                await self.issuer.issue(now())
                await asyncio.sleep(0)

        clients = min(WARMUP_CLIENTS, self._spec.assignment.slots or WARMUP_CLIENTS)
        await asyncio.gather(*(client() for _ in range(clients)))

    @asynccontextmanager
    async def whole_window(self) -> AsyncIterator[None]:
        """The measured window of a load that ends by itself: every request of it lies within."""
        self._window.open()
        await self._usage_read("opened")
        self._window.opened_ns = self.issuer.clock.now()
        yield
        self._window.close(with_this_moment=True)
        await self._usage_read("closed")
        self.issuer.stop()

    async def between(self) -> None:
        """Between the two parts of a load: have every role's usage read once more."""
        self._window.part_ends()
        await self._usage_read("between")

    async def _usage_read(self, after: Moment) -> None:
        if self._spec.sampled:
            await self._orders.usage_read(after)

    def mark(self, name: str) -> None:
        """Note this moment under that name."""
        self._window.mark(name)

    async def pause(self) -> None:
        """Have the contender execute nothing of what is submitted from now on, until `resume`."""
        await self._side.pause()

    async def resume(self) -> None:
        """Have the contender execute what was submitted meanwhile."""
        await self._side.resume()
