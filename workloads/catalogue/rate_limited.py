"""rate_limited: a service that allows so many requests a second, and refuses the others."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.workload import Allowance, Figures, Measure, Params, Payload, Workload

ATTEMPTS = 50
"""Before a request gives up."""


class RateLimitedParams(Params, frozen=True, kw_only=True):
    """Settings of `rate_limited`."""

    allowed_per_s: Annotated[
        float,
        Meta(ge=0.001, le=100_000, description="what the origin allows all callers together"),
    ] = 20.0
    burst: Annotated[int, Meta(ge=1, le=100_000, description="requests that it allows at once, after a pause")] = 5
    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency")] = 20.0
    limiter: Annotated[
        Literal["own", "shared", "none"],
        Meta(
            description="what keeps the rate: one for each process (aiolimiter, or the task's rate_limit); "
            "for all workers of Celery (a bucket in Redis; on asyncio as `own`); nothing"
        ),
    ] = "own"


class RateLimited(Workload[RateLimitedParams]):
    """How much of an allowed rate is used, and how much is refused with 429?

    A limiter in a process knows nothing of others: two workers, each with the task's `rate_limit`, may send twice the
    rate (`-c celery-threads+2-workers:16`), as may two asyncio processes (`--drivers 2`). A worker may keep far below
    its `rate_limit` where tasks wait for it all the time: each leaves a timer in its loop, which runs ten and then
    sleeps for up to a second.

    `used_percent`: served ÷ allowed, without a burst. `refused`: answers 429 before the good one. `fairness`: Jain's
    index over workers, 1 where all did as many, 1 ÷ workers where one did all.
    """

    summary = "an origin that allows so many requests a second"
    in_practice = "every public API: payment, mail, maps, a language model"
    look_at = "`used_percent` and `refused`: a refusal costs a second"
    is_about = Measure("used_percent", "share of the allowed rate used", "higher", most=100.0)
    Params = RateLimitedParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"allowed_per_s", "burst", "latency_ms"})

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._by_executor: dict[str, int] = {}
        self._added = 0.0

    def payload(self, number: int) -> Payload:
        """The URL, with the trial's own bucket; and how the rate is kept."""
        params = self.params
        return {
            "url": slow_url(
                self.services.origin_url,
                f"/limited/{self.services.trial}",
                params.latency_ms,
                allowed_per_s=params.allowed_per_s,
                burst=params.burst,
            ),
            "limiter": params.limiter,
            "allowed_per_s": params.allowed_per_s,
            "burst": params.burst,
            "attempts": ATTEMPTS,
        }

    def resources(self) -> dict[str, Any]:
        """What the limiter of a process keeps."""
        kept = self.params.limiter != "none"
        return {"allowed_per_s": self.params.allowed_per_s if kept else None, "burst": self.params.burst}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """How often it was refused, and who executed it."""
        match reply:
            case {"refused": int(refused), "executor": str()} if 0 <= refused < payload["attempts"]:
                return None
        return f"expected how often it was refused, and by whom it was executed; got {reply!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Refusals; and of the fairness what this reply adds, so that the mean of all is that of the whole trial."""
        self._by_executor[reply["executor"]] = self._by_executor.get(reply["executor"], 0) + 1
        counts = self._by_executor.values()
        whole = sum(counts) * jain(list(counts))
        added, self._added = whole - self._added, whole
        return {"refused": reply["refused"], "fairness": added}

    def measure_anew(self) -> None:
        """Fairness is that of the window."""
        self._by_executor.clear()
        self._added = 0.0

    def derive(self, figures: Figures) -> dict[str, float]:
        """How much of what is allowed was used: all of it, where a burst let more through in a short window."""
        return {"used_percent": min(100.0, 100 * figures.throughput_per_s / self.params.allowed_per_s)}

    @property
    def allowance(self) -> Allowance:
        """No more can be served."""
        return Allowance(self.params.allowed_per_s, self.params.burst)

    @property
    def origin_requests(self) -> float:
        """One that is not refused."""
        return 1.0

    @property
    def origin_ms(self) -> float:
        """The latency, of refusals too."""
        return self.params.latency_ms

    @property
    def expected_s(self) -> float:
        """Without others."""
        return self.params.latency_ms / 1000

    @property
    def ideal_s(self) -> None:
        """Not known: it depends on how many others there are."""
        return None


def jain(counts: list[int]) -> float:
    """Jain's index of fairness: (Σx)² ÷ (n Σx²)."""
    return sum(counts) ** 2 / (len(counts) * sum(count * count for count in counts))


WORKLOAD = RateLimited
