"""flaky_http: a service that fails, hangs or answers garbage; each attempt has a time limit, and is made again."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.workload import Figures, Params, Payload, Workload

Share = Annotated[float, Meta(ge=0, le=1)]


class FlakyHttpParams(Params, frozen=True, kw_only=True):
    """Settings of `flaky_http`."""

    fail: Annotated[Share, Meta(description="share of attempts that are answered with status 503")] = 0.2
    hang: Annotated[Share, Meta(description="share of attempts that are not answered in time")] = 0.02
    garbage: Annotated[Share, Meta(description="share of attempts that are answered with half a JSON text")] = 0.05
    latency_ms: Annotated[
        float, Meta(ge=0, le=60_000, description="how long the origin takes for an answer, in milliseconds")
    ] = 20.0
    limit_ms: Annotated[float, Meta(gt=0, le=20_000, description="how long an attempt may take, in milliseconds")] = (
        250.0
    )
    attempts: Annotated[int, Meta(ge=1, le=20, description="attempts before it is given up")] = 4
    backoff_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=10_000,
            description="most that is waited before the second attempt, in milliseconds; twice as much before each "
            "further one; how much of it is drawn (full jitter)",
        ),
    ] = 50.0


class FlakyHttp(Workload[FlakyHttpParams]):
    """Both sides have the same policy: what may pass is tried again, what is wrong with the request is not.

    Given up on the Celery side: `autoretry_for` with `retry_backoff` knows whole seconds only, so that the task calls
    `retry` itself. A soft time limit works on prefork alone, so that the HTTP client has the limit, on all pools,
    for the whole answer as `asyncio.timeout` has it. While it waits for its next attempt, a task holds no slot, and a
    coroutine does.

    `lost_ms`: the time beyond one good answer: attempts that came to nothing, waiting, and messages.
    """

    summary = "an origin that fails, hangs and answers garbage: time limits, retries with backoff and jitter"
    in_practice = "every service that is not yours"
    look_at = (
        "`attempts` and `gave_up_percent`, which follow from the probabilities and so are alike on both sides; and "
        "`lost_ms`, which is each side's own price for trying again"
    )
    Params = FlakyHttpParams
    needs = frozenset({"origin"})

    def payload(self, number: int) -> Payload:
        """The URL without the attempt's number, and the policy."""
        params = self.params
        chances = {"fail": params.fail, "hang": params.hang, "garbage": params.garbage}
        return {
            "url": slow_url(self.services.origin_url, "/flaky", params.latency_ms, **chances, seed=self.seed, n=number),
            "attempts": params.attempts,
            "limit_s": params.limit_ms / 1000,
            "backoff_s": params.backoff_ms / 1000,
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """It came through within the attempts, or all were used."""
        match reply:
            case {"status": "ok", "attempts": int(used)} if 1 <= used <= payload["attempts"]:
                return None
            case {"status": "gave up", "attempts": used} if used == payload["attempts"]:
                return None
        return f"expected a status with the attempts that were used, got {reply!r}"

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Attempts of a request, and whether it was given up."""
        return {"attempts": reply["attempts"], "gave_up_percent": 100.0 * (reply["status"] == "gave up")}

    def derive(self, figures: Figures) -> dict[str, float]:
        """Time that a request loses, beyond one good answer, to attempts that came to nothing and to waiting."""
        return {"lost_ms": figures.mean_ms - self.params.latency_ms}

    @property
    def ideal_s(self) -> None:
        """That depends on what is drawn."""
        return None


WORKLOAD = FlakyHttp
