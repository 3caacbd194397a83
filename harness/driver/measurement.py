"""A trial as its load sees it (`harness.loads.load.Measuring`): warm-up, the measured window, pausing the contender."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from harness.contenders.contender import Driven
from harness.driver.messages import Moment, TrialSpec
from harness.driver.orders import Orders
from harness.driver.warm_up import WarmUp
from harness.driver.window import Window
from harness.loads.shared.issuer import Issuer
from harness.machine.clock import NS
from harness.machine.deadline import in_time

WARMUP_CLIENTS = 16
RESPONSES_AIMED_AT = 12
"""A steady window lasts so many of the middle response times that are seen, so that it holds ten mean ones…"""
WINDOW_STRETCHED_MOST_S = 60.0
"""…but for no longer than this, unless more was asked for: then it is said to be short."""
LATE_MOST_S = 5.0
"""Beyond two limits of a warm-up, how much later another driver may be at rest."""
COOL_DOWN_LEAST_S = 1.0
COOL_DOWN_RESPONSES = 3
"""How long the load goes on for what was under way when the window closed."""


class Measurement:
    """What a load drives, from the moment at which the first reply has been verified."""

    def __init__(
        self,
        spec: TrialSpec,
        side: Driven,
        issuer: Issuer,
        window: Window,
        orders: Orders,
        warm_up: WarmUp,
        *,
        service_s: float,
        expected_s: float,
    ) -> None:
        """`service_s`: about how long a request takes to serve; `expected_s`: with the queue in front of it."""
        self.seed = spec.seed
        self.service_s = service_s
        self.issuer = issuer
        self.gaps_us = spec.gaps_us
        self.issued_before = spec.issued_before
        self._spec = spec
        self._side = side
        self._window = window
        self._orders = orders
        self._warm = warm_up
        self._rest_limit_s = 2 * (spec.timeout_s + expected_s) if spec.rest_s is None else spec.rest_s

    @property
    def closed_ns(self) -> int:
        """When the measured window closed; 0 before that."""
        return self._window.closed_ns

    async def steady_window(self, at_rest: Coroutine[Any, Any, bool]) -> None:
        """Warm up, open the measured window, keep it open for its time or number of requests, close it.

        The load goes on until what was under way at the window's end has ended: left alone, it would end sooner.
        """
        await self._warm_until(at_rest)
        await self._all_at_rest()
        if self._spec.requests is not None:
            self._open()
            self.issuer.accept_only(self._spec.requests)
            await self.issuer.stopped()
            self._window.close(with_this_moment=True)
        else:
            response_s = self.issuer.recent_s() or self.service_s
            self._open()
            with suppress(TimeoutError):  # an abort ends the window before its time
                await in_time(self._window_s(response_s), self.issuer.stopped())
            self._window.close()
            await self._usage_read("closed")
            with suppress(TimeoutError):  # what takes that long ends without company
                limit_s = 0.0 if not self._window.at_rest else max(COOL_DOWN_LEAST_S, COOL_DOWN_RESPONSES * response_s)
                await in_time(limit_s, self.issuer.all_so_far_ended())
        self.issuer.stop()

    def _open(self) -> None:
        """What is due from now on is measured, and what replies show."""
        self._window.open()
        self.issuer.measure_anew()

    async def _warm_until(self, at_rest: Coroutine[Any, Any, bool]) -> None:
        """Let the load go on for the time of the warm-up, and until it is at rest, has been stopped or takes too long.

        No warm-up means that the origin shall get no request beyond those that are measured.
        """
        resting = asyncio.ensure_future(at_rest)
        stopped = asyncio.ensure_future(self.issuer.stopped())
        in_use = True
        try:
            if self._spec.warmup_s:
                await asyncio.sleep(self._spec.warmup_s)
                both = {resting, stopped}
                await asyncio.wait(both, timeout=self._rest_limit_s, return_when=asyncio.FIRST_COMPLETED)
                served = asyncio.ensure_future(self._warm.served())
                await asyncio.wait({served, stopped}, timeout=self._rest_limit_s, return_when=asyncio.FIRST_COMPLETED)
                in_use = served.done()
                served.cancel()
                await asyncio.sleep(2e-9)  # so that nothing was issued at the very nanosecond of the window's opening
            self._window.at_rest = in_use and resting.done() and resting.result()
        finally:
            resting.cancel()
            stopped.cancel()

    async def _all_at_rest(self) -> None:
        """Where several drivers share the trial, open the window with the others: what they have in common is measured.

        The load goes on meanwhile. One that the others cannot wait for any longer opens by itself.
        """
        if not self._spec.together:
            return
        self._orders.ready("window")
        with suppress(TimeoutError):  # another one is too late, and the trial says so
            begin_ns = await self._orders.start_ns(2 * self._rest_limit_s + LATE_MOST_S, "window")
            await asyncio.sleep(max(0.0, (begin_ns - self.issuer.clock.now()) / NS))

    def _window_s(self, response_s: float) -> float:
        """As long as was asked, and long enough for what responses take."""
        asked_s = self._spec.duration_s or 0.0
        needed_s = RESPONSES_AIMED_AT * response_s
        if self._spec.stretch_s is not None:
            return max(asked_s, min(needed_s, self._spec.stretch_s))
        return max(asked_s, min(needed_s, WINDOW_STRETCHED_MOST_S)) if self._window.at_rest else asked_s

    async def warm_up(self) -> None:
        """For a load without a steady state: as many clients as slots for the time of the warm-up, to their end.

        Each sends one request at the least, and they go on until all that the work needs is built.
        """
        if not self._spec.warmup_s:
            return
        now = self.issuer.clock.now
        end = now() + int(self._spec.warmup_s * NS)
        served = asyncio.ensure_future(self._warm.served())

        async def client() -> None:
            while self.issuer.accepting:
                await self.issuer.issue(now())
                await asyncio.sleep(0)
                if now() >= end and (served.done() or now() >= end + self._rest_limit_s * NS):
                    return

        await asyncio.gather(*(client() for _ in range(self._spec.assignment.slots or WARMUP_CLIENTS)))
        served.cancel()

    @asynccontextmanager
    async def whole_window(self) -> AsyncIterator[None]:
        """The measured window of a load that ends by itself: every request of it lies within."""
        self._open()
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

    def read_memory(self, name: str) -> None:
        """Have every role's memory read at this moment of that name, while the load goes on."""
        self._window.read_memory_at(name)

    def mark(self, name: str) -> None:
        """Note this moment under that name."""
        self._window.mark(name)

    async def pause(self) -> None:
        """Have the contender execute nothing of what is submitted from now on, until `resume`."""
        await self._side.pause()

    async def resume(self) -> None:
        """Have the contender execute what was submitted meanwhile."""
        await self._side.resume()
