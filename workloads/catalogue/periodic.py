"""periodic: something happens every so many milliseconds, until it is stopped."""

import itertools
from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Params, Payload

BOOT_S = 20.0


class PeriodicParams(Params, frozen=True, kw_only=True):
    """Settings of `periodic`."""

    every_ms: Annotated[float, Meta(ge=10, le=60_000, description="the period, in milliseconds")] = 100.0
    times: Annotated[int, Meta(ge=2, le=10_000, description="how often, before it is stopped")] = 15


class Periodic(Scenario[PeriodicParams]):
    """Does it keep its rhythm?

    The origin sees when each one comes. `jitter_ms`: how far the time between two is from the period, on average.
    `drift_percent`: how much longer than the period they are apart, over all. `missed`: periods without one.

    A coroutine counts its next time from its last due time, not from when it was ready, so that it does not drift. A
    beat counts from when it sent its last message. It is a process of its own; two of them do everything twice. Who
    stops the coroutine's process stops the rhythm; workers that are down let messages of a beat pile up, and run them
    all at once later, unless they expire, as here after a period.
    """

    summary = "happens every 100 ms: a coroutine without drift against a beat; jitter, drift, missed"
    in_practice = "polling, clean-up, keeping a cache warm, sending what has gathered"
    look_at = "`jitter_ms` and `drift_percent` while the machine is busy; `missed`"
    Params = PeriodicParams
    needs = frozenset({"origin"})

    def payload(self, number: int) -> Payload:
        """Where to ask, how often."""
        return {"url": f"{self.services.origin_url}/visit", "every_s": self.params.every_ms / 1000}

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Start it, let it come so often, stop it."""
        job = context.start(payload | {"url": f"{payload['url']}/{context.id}"})
        came = await context.visits(context.id, at_least=self.params.times + 1, within_s=self._within_s)
        job.stop()
        return {"came_ms": [1000 * (at - came[0]) for at in came]}

    @property
    def _within_s(self) -> float:
        return BOOT_S + 2 * self.params.times * self.params.every_ms / 1000

    @property
    def expected_s(self) -> float:
        """Until it has come so often."""
        return self._within_s

    def check(self, payload: Payload, reply: Any) -> str | None:
        """It came so often that there are as many periods."""
        came, wanted = len(reply["came_ms"]), self.params.times + 1
        return None if came >= wanted else f"expected it to come {wanted} times, it came {came} times"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Its rhythm."""
        came, every = reply["came_ms"], self.params.every_ms
        gaps = [after - before for before, after in itertools.pairwise(came)]
        return {
            "jitter_ms": sum(abs(gap - every) for gap in gaps) / len(gaps),
            "drift_percent": 100 * (came[-1] / len(gaps) / every - 1),
            "missed": sum(max(0, round(gap / every) - 1) for gap in gaps),
        }


WORKLOAD = Periodic
