"""periodic: work that runs at a fixed interval until it is stopped."""

import itertools
from typing import Annotated, Any

from msgspec import Meta

from workloads.scenario import Scenario, ScenarioContext
from workloads.workload import Measure, Params, Payload

BOOT_S = 20.0


class PeriodicParams(Params, frozen=True, kw_only=True):
    """Settings of `periodic`."""

    every_ms: Annotated[float, Meta(ge=10, le=60_000, description="the period")] = 100.0
    times: Annotated[int, Meta(ge=2, le=10_000, description="how often it runs before it is stopped")] = 15


class Periodic(Scenario[PeriodicParams]):
    """Does it keep its schedule?

    As the origin saw it: `drift_percent`, by how much the mean time between two runs is longer than the period;
    `jitter_ms`, its mean deviation; `missed`, periods without a run.

    The coroutine computes its next due time from the last one and does not drift; `celery beat`, from when it sent the
    last message. Two beats run everything twice. While workers are down, messages accumulate, and are all executed
    later unless they expire, here after one period.
    """

    summary = "runs every 100 ms: a coroutine without drift against celery beat"
    in_practice = "polling, clean-up, keeping a cache warm, sending collected data"
    look_at = "`drift_percent` and `jitter_ms` while the machine is busy; `missed`"
    is_about = Measure("drift_percent", "drift", "nearest 0", least=-100.0)
    Params = PeriodicParams
    needs = frozenset({"origin"})
    stops = True

    def payload(self, number: int) -> Payload:
        """The URL to call and the period."""
        return {"url": f"{self.services.origin_url}/visit", "every_s": self.params.every_ms / 1000}

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Start it, wait until it has run that often, stop it."""
        job = context.start(payload | {"url": f"{payload['url']}/{context.id}"})
        visits = context.visits(context.id, at_least=self.params.times + 1, within_s=self._within_s)
        came = await self.while_it_runs(job, visits)
        job.stop()
        return {"came_ms": [1000 * (at - came[0]) for at in came]}

    @property
    def _within_s(self) -> float:
        return BOOT_S + 2 * self.params.times * self.params.every_ms / 1000

    @property
    def expected_s(self) -> float:
        """Seconds until it has run that often, at most."""
        return self._within_s

    def check(self, payload: Payload, reply: Any) -> str | None:
        """It ran once more than there are periods to measure."""
        came, wanted = len(reply["came_ms"]), self.params.times + 1
        return None if came >= wanted else f"expected {wanted} runs, got {came}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Jitter, drift and missed periods."""
        came, every = reply["came_ms"], self.params.every_ms
        gaps = [after - before for before, after in itertools.pairwise(came)]
        return {
            "jitter_ms": sum(abs(gap - every) for gap in gaps) / len(gaps),
            "drift_percent": 100 * (came[-1] / len(gaps) / every - 1),
            "missed": sum(max(0, round(gap / every) - 1) for gap in gaps),
        }


WORKLOAD = Periodic
