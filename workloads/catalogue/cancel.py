"""cancel: work is stopped that waits for its turn, or that runs."""

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext, Stopped
from workloads.workload import Measure, Params, Payload

AFTER_MOST, POLL_MOST = 0.8, 0.1
"""Shares of the work's time: later the work has ended and cannot be stopped; polling less often would miss that it goes
on."""
SOON = 4


class CancelParams(Params, frozen=True, kw_only=True):
    """Settings of `cancel`."""

    seconds: Annotated[float, Meta(gt=0, le=60, title="work", description="how long the work takes")] = 0.5
    after_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=60_000,
            description="how long after its start it is cancelled; every second one after a quarter of that",
        ),
    ] = 200.0
    poll_ms: Annotated[
        float,
        Meta(
            ge=1,
            le=1000,
            description="interval at which it polls the origin (at most a tenth of its time)",
        ),
    ] = 20.0

    def in_effect(self) -> "CancelParams":
        """It is cancelled before its end, and polls often enough to show that it goes on."""
        after_ms, poll_ms = AFTER_MOST * 1000 * self.seconds, POLL_MOST * 1000 * self.seconds
        return msgspec.structs.replace(self, after_ms=min(self.after_ms, after_ms), poll_ms=min(self.poll_ms, poll_ms))


class Cancel(Scenario[CancelParams]):
    """Does it stop, and how soon?

    `stop_running_ms`, `stop_waiting_ms`: from the call that cancels until the caller sees the job end, for work that
    had begun and had not. `ran_on_percent`: jobs that ran to their end, or polled the origin more than an interval
    later.

    `Task.cancel` raises where the coroutine waits. `revoke(terminate=True)` kills the process of a prefork pool, with
    whatever it runs by then, or the greenlet of a gevent pool. Tasks in threads and solo workers run to their end.
    Workers without the task mark it as revoked while another one still runs it (Celery 5.7).
    """

    summary = "cancels work that waits or runs: Task.cancel against revoke(terminate=True)"
    in_practice = "a user closes the page, a deadline has passed"
    look_at = "`stop_running_ms` and `ran_on_percent`: work that cannot be stopped keeps using a slot and the service"
    is_about = Measure("stop_running_ms", "time until a running job is stopped")
    Params = CancelParams
    needs = frozenset({"origin"})
    stops = True

    def payload(self, number: int) -> Payload:
        """The URL to poll, the interval and the duration."""
        params = self.params.in_effect()
        return {
            "url": f"{self.services.origin_url}/visit",
            "seconds": params.seconds,
            "poll_s": params.poll_ms / 1000,
        }

    def after_s(self, number: int) -> float:
        """Seconds until it is cancelled: soon for every second one, so that some still wait for a slot."""
        return self.params.in_effect().after_ms / 1000 / (SOON if number % 2 else 1)

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Start, wait, cancel; then watch for as long as the work would have taken."""
        job = context.start(payload | {"url": f"{payload['url']}/{context.id}"})
        await asyncio.sleep(self.after_s(context.number))
        began = bool(await context.visits(context.id))
        cancelled = context.now()
        job.stop()
        try:
            await job.reply()
            ran_on = True
            told = context.now()
        except Stopped:
            told = context.now()
            await asyncio.sleep(payload["seconds"])
            ran_on = any(at > told + payload["poll_s"] for at in await context.visits(context.id))
        return {"began": began, "ran_on": ran_on, "stop_ms": 1000 * (told - cancelled)}

    @property
    def expected_s(self) -> float:
        """Until it is stopped, and as long again to see whether it was."""
        return 2 * self.params.seconds

    def check(self, payload: Payload, reply: Any) -> str | None:
        """Work that could not be stopped is measured, not an error."""
        return None if reply["stop_ms"] >= 0 else f"expected a time, got {reply!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """How long it took to be stopped, and whether it was."""
        which = "running" if reply["began"] else "waiting"
        return {f"stop_{which}_ms": reply["stop_ms"], "ran_on_percent": 100.0 * reply["ran_on"]}


WORKLOAD = Cancel
