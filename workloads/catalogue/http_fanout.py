"""http_fanout: k pages fetched at once, and combined into one reply."""

import math
from typing import Annotated, Any, Literal

from msgspec import Meta

from workloads.origin_url import draws, slow_url
from workloads.promises import PAGES_AT_ONCE
from workloads.workload import Figures, Measure, Params, Payload, Workload


class HttpFanoutParams(Params, frozen=True, kw_only=True):
    """Settings of `http_fanout`."""

    pages: Annotated[int, Meta(ge=2, le=200, description="pages of each request")] = 8
    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency for a page (the mean)")] = 50.0
    latency: Annotated[Literal["fixed", "lognormal"], Meta(description="whether that is always the same or drawn")] = (
        "fixed"
    )
    how: Annotated[
        Literal["semaphore", "task_group", "gather", "queue"],
        Meta(
            description=f"asyncio only: a task per page, {PAGES_AT_ONCE} at once; the same without a "
            f"limit, by a task group or gather; {PAGES_AT_ONCE} workers on a queue"
        ),
    ] = "semaphore"


class HttpFanout(Workload[HttpFanoutParams]):
    """If latencies are drawn, the slowest page determines the time."""

    summary = "k pages at once, combined: a task group against a chord"
    in_practice = "a page that is assembled from several services; a batch of look-ups"
    look_at = "`beyond_slowest_page_ms`: distributing the pages, waiting for slots, combining the results"
    is_about = Measure("beyond_slowest_page_ms", "time beyond the slowest page")
    Params = HttpFanoutParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms", "latency"})
    asyncio_only = frozenset({"how"})
    waits = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """The URLs, which are different for each request."""
        drawn = self.params.latency == "lognormal"
        return {
            "urls": [
                slow_url(
                    self.services.origin_url,
                    f"/mirror/{page}",
                    self.params.latency_ms,
                    **draws(drawn, self.seed, f"{number}.{page}"),
                )
                for page in range(self.params.pages)
            ],
            "how": self.params.how,
        }

    @property
    def origin_ms(self) -> float:
        """The latency."""
        return self.params.latency_ms

    @property
    def origin_requests(self) -> float:
        """One a page."""
        return float(self.params.pages)

    def check(self, payload: Payload, reply: Any) -> str | None:
        """Each page once, in the order of the URLs."""
        expected = list(range(self.params.pages))
        return None if reply == expected else f"expected {expected}, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """Pages a second; and the time beyond the slowest page, if all pages take the same time."""
        pages = {"pages_per_s": figures.throughput_per_s * self.params.pages}
        if self.ideal_s is None:
            return pages
        return pages | {"beyond_slowest_page_ms": figures.mean_ms - self.params.latency_ms}

    @property
    def ideal_s(self) -> float | None:
        """The time of a page, once for each wave that the limit allows; None if latencies are drawn."""
        limited = self.params.how in ("semaphore", "queue")
        waves = math.ceil(self.params.pages / PAGES_AT_ONCE) if limited else 1
        return waves * self.params.latency_ms / 1000 if self.params.latency == "fixed" else None


WORKLOAD = HttpFanout
