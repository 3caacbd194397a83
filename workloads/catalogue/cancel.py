"""cancel: work is stopped that waits for its turn, or that runs."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext, Stopped
from workloads.workload import Params, Payload

AFTER_MOST, POLL_MOST = 0.8, 0.1
"""Shares of the work's time: what has ended cannot be stopped, and what asks too seldom is not seen to go on."""
SOON = 4


class CancelParams(Params, frozen=True, kw_only=True):
    """Settings of `cancel`."""

    seconds: Annotated[float, Meta(gt=0, le=60, description="how long the work takes, in seconds")] = 0.5
    after_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=60_000,
            description="how long after its start it is cancelled, in milliseconds; every other one after a quarter of "
            "that",
        ),
    ] = 200.0
    poll_ms: Annotated[
        float,
        Meta(
            ge=1,
            le=1000,
            description="how often it asks the origin, in milliseconds (at most a tenth of its time)",
        ),
    ] = 20.0


class Cancel(Scenario[CancelParams]):
    """Does it stop, and how soon?

    The work asks the origin again and again, which so sees how long it goes on, whatever its side says.

    `stop_running_ms` and `stop_waiting_ms`: from the call that cancels until the caller is told, for work that had
    begun and for work that had not (it waits where there are more clients than slots). `ran_on_percent`: how much of it
    ran to its end, or asked the origin after the caller was told, by more than one poll.

    `Task.cancel` raises an exception where the coroutine waits, so that it can put things in order. `revoke` marks the
    result, and `terminate=True` kills the process of a prefork pool, which is replaced, or the greenlet of a gevent
    pool. Threads cannot be stopped: what runs there runs to its end, and so it does in solo, whose worker reads no
    command meanwhile. A process is killed by its id: work that it has begun in between dies with it. Of several
    workers, those that do not have the task mark its result as revoked, also while another one runs it (Celery 5.7).
    """

    summary = "work is cancelled that waits or that runs: Task.cancel against revoke(terminate=True)"
    in_practice = "a user closes the page, a newer request makes the old one pointless, a deadline has passed"
    look_at = "`stop_running_ms` and `ran_on_percent`: what cannot be stopped goes on using a slot and the service"
    Params = CancelParams
    needs = frozenset({"origin"})

    def payload(self, number: int) -> Payload:
        """Where to ask, how often, how long."""
        params = self.params
        return {
            "url": f"{self.services.origin_url}/visit",
            "seconds": params.seconds,
            "poll_s": min(params.poll_ms / 1000, POLL_MOST * params.seconds),
        }

    def after_s(self, number: int) -> float:
        """Every other one soon, so that some still wait for a slot where there are more clients than slots."""
        after_s = min(self.params.after_ms / 1000, AFTER_MOST * self.params.seconds)
        return after_s / (SOON if number % 2 else 1)

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
        """Nothing is wrong about work that could not be stopped: it is measured."""
        return None if reply["stop_ms"] >= 0 else f"expected a time, got {reply!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """How long it took to be stopped, and whether it was."""
        which = "running" if reply["began"] else "waiting"
        return {f"stop_{which}_ms": reply["stop_ms"], "ran_on_percent": 100.0 * reply["ran_on"]}


WORKLOAD = Cancel
