"""side_effect: work that must be done once, as a payment; the service that it calls counts each time."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Params, Payload, Workload


class SideEffectParams(Params, frozen=True, kw_only=True):
    """Settings of `side_effect`."""

    seconds: Annotated[
        float,
        Meta(ge=0, le=3600, title="work after the effect", description="how long the work goes on after its effect"),
    ] = 0.2


class SideEffect(Workload[SideEffectParams]):
    """The origin counts begins and ends, whatever either side says."""

    summary = "an effect at a service that counts by id, then a wait: what crashes lose and repeat"
    in_practice = "a payment, an order, an e-mail: once too few or too many is a complaint"
    look_at = "under a `crash` load: lost and repeated, by what the origin saw; else what a promise costs"
    Params = SideEffectParams
    needs = frozenset({"origin"})
    waits = frozenset({"seconds"})

    def payload(self, number: int) -> Payload:
        """The address that counts, with the request's id, and how long to work on."""
        return {
            "url": f"{self.services.origin_url}/visit/{self.services.trial}.{number}",
            "seconds": self.params.seconds,
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is the number at the end of the address."""
        expected = payload["url"].rpartition(".")[2]
        return None if reply == expected else f"expected {expected!r}, got {reply!r}"

    @property
    def origin_requests(self) -> float:
        """One at the begin and one at the end."""
        return 2.0

    @property
    def ideal_s(self) -> float:
        """The wait."""
        return self.params.seconds


WORKLOAD = SideEffect
