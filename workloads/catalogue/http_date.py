"""http_date: GET a public events feed, read the whole body, reply with the Date header."""

from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from msgspec import Meta

from workloads.workload import Params, Payload, Places, Workload


class HttpDateParams(Params, frozen=True, kw_only=True):
    """Settings of `http_date`."""

    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency (the mean)")] = 50.0
    latency: Annotated[Literal["fixed", "lognormal"], Meta(description="whether that is always the same or drawn")] = (
        "fixed"
    )
    client: Annotated[Literal["urllib3", "requests"], Meta(description="Celery only: its HTTP client")] = "urllib3"
    cpu_ms: Annotated[
        float, Meta(ge=0, le=10_000, title="computing for each reply", description="CPU time spent on each reply")
    ] = 0.0
    connections: Annotated[
        int,
        Meta(ge=0, le=10_000, description="asyncio only: limit of connections; 0: none"),
    ] = 0


class HttpDate(Workload[HttpDateParams]):
    """The feed is like GitHub's public events."""

    summary = "GET of an events feed: the whole body read, the Date header as reply"
    in_practice = "calling one JSON service, such as a payment provider"
    look_at = "requests/s at matched slots, then CPU: the HTTP client (`client`) is a large part of it"
    Params = HttpDateParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms", "latency"})
    any_origin = True
    places = ("connections",)
    asyncio_only = frozenset({"connections"})
    celery_only = frozenset({"client"})
    waits = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """The URL, the Celery side's client, and what to compute, if anything. A real service gets no parameters."""
        url = f"{self.services.origin_url}/events"
        if self.services.origin_is_ours:
            query: dict[str, Any] = {"latency_ms": self.params.latency_ms}
            if self.params.latency == "lognormal":
                query |= {"latency": "lognormal", "seed": self.seed, "n": number}
            url += "?" + urlencode(query)
        work: Payload = {"cpu_s": self.params.cpu_ms / 1000} if self.params.cpu_ms else {}
        return {"url": url, "client": self.params.client} | work

    def resources(self) -> dict[str, Any]:
        """The limit on connections."""
        return {"connections": self.params.connections}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply parses as an HTTP date (RFC 9110, section 5.6.7)."""
        try:
            parsedate_to_datetime(reply)
        except (TypeError, ValueError):
            return f"expected an HTTP date, got {reply!r}"
        return None

    @property
    def origin_requests(self) -> float:
        """One."""
        return 1.0

    @property
    def cpu_s(self) -> float:
        """The computing."""
        return self.params.cpu_ms / 1000

    def at_once(self, side: str, slots: int | None) -> Places | None:
        """Aiohttp's limit of connections, where it is set; what comes after the reply needs none."""
        if side != "asyncio" or not self.params.connections or not self.services.origin_is_ours:
            return None
        return Places("connections", self.params.connections, self.params.latency_ms / 1000)

    @property
    def origin_ms(self) -> float:
        """The latency; nothing is known of a real service's."""
        return self.params.latency_ms if self.services.origin_is_ours else 0.0

    @property
    def ideal_s(self) -> float | None:
        """The origin's latency and the CPU time; None for a real service, whose latency is not known."""
        return (self.params.latency_ms + self.params.cpu_ms) / 1000 if self.services.origin_is_ours else None


WORKLOAD = HttpDate
