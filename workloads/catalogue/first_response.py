"""first_response: the same question to k mirrors; the first good answer wins, the others are cancelled."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import draws, slow_url
from workloads.workload import Figures, Measure, Params, Payload, Workload


class FirstResponseParams(Params, frozen=True, kw_only=True):
    """Settings of `first_response`."""

    mirrors: Annotated[int, Meta(ge=1, le=50, description="mirrors that are asked")] = 4
    latency_ms: Annotated[
        float, Meta(ge=0, le=60_000, description="how long a mirror takes on average (lognormal)")
    ] = 50.0


class FirstResponse(Workload[FirstResponseParams]):
    """Hedged requests, to cut off the tail of a service's latency.

    On Celery, a plain `revoke` stops only tasks that have not begun: those that run hold their slots to their end.
    """

    summary = "asks k mirrors, takes the first good answer, cancels the rest"
    in_practice = "a read from several replicas, resolvers or mirrors"
    look_at = "`latency_p50_ms`, p99, and `wasted_answers`: what the speed costs the service that is called"
    is_about = Measure("latency_p50_ms", "time to the first good answer")
    Params = FirstResponseParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"latency_ms"})
    waits = frozenset({"latency_ms"})

    def payload(self, number: int) -> Payload:
        """One URL per mirror, each with its own latency."""
        base, latency = self.services.origin_url, self.params.latency_ms
        return {
            "urls": [
                slow_url(base, f"/mirror/{mirror}", latency, **draws(True, self.seed, f"{number}.{mirror}"))
                for mirror in range(self.params.mirrors)
            ]
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the number of a mirror."""
        good = isinstance(reply, int) and 0 <= reply < self.params.mirrors
        return None if good else f"expected a mirror below {self.params.mirrors}, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """Answers of mirrors after the first one, which are not used."""
        served = figures.served_per_reply
        return {} if served is None else {"wasted_answers": max(0.0, served - 1)}

    @property
    def ideal_s(self) -> None:
        """Not known: it depends on the shortest of each request's random latencies."""
        return None


WORKLOAD = FirstResponse
