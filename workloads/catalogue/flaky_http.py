"""flaky_http: a service that fails, hangs or answers garbage; each attempt has a time limit and is retried."""

from typing import Annotated, Any

from msgspec import Meta

from workloads.origin_url import slow_url
from workloads.workload import Figures, Measure, Params, Payload, Workload

Share = Annotated[float, Meta(ge=0, le=1)]


class FlakyHttpParams(Params, frozen=True, kw_only=True):
    """Settings of `flaky_http`."""

    fail: Annotated[
        Share, Meta(title="the attempts failing", description="share of attempts answered with status 503")
    ] = 0.2
    hang: Annotated[Share, Meta(title="the attempts hanging", description="share of attempts not answered in time")] = (
        0.02
    )
    garbage: Annotated[
        Share, Meta(title="the attempts garbled", description="share of attempts answered with truncated JSON")
    ] = 0.05
    latency_ms: Annotated[float, Meta(ge=0, le=60_000, description="the origin's latency")] = 20.0
    limit_ms: Annotated[float, Meta(gt=0, le=20_000, description="how long an attempt may take")] = 250.0
    attempts: Annotated[int, Meta(ge=1, le=20, description="attempts before the request gives up")] = 4
    backoff_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=10_000,
            description="longest wait before the second attempt, doubled for each further one; "
            "drawn from 0 to that (full jitter)",
        ),
    ] = 50.0

    def __post_init__(self) -> None:
        if self.fail + self.hang + self.garbage > 1:
            raise ValueError("fail + hang + garbage are more than 1, and so are not shares of all attempts")


class FlakyHttp(Workload[FlakyHttpParams]):
    """What does retrying temporary errors cost, with the same policy on both sides?

    The task calls `retry` itself, because `autoretry_for` knows whole seconds only; the HTTP client limits the whole
    answer's time, because soft time limits work on prefork only. Between attempts a task holds no slot; a coroutine
    does. `lost_ms`: the time beyond that of one good answer.
    """

    summary = "an origin that fails, hangs and answers garbage: time limits, retries with backoff and jitter"
    in_practice = "every service that is not yours"
    look_at = "`lost_ms`; `attempts` and `gave_up_percent` follow from the probabilities, the same on both sides"
    is_about = Measure("lost_ms", "time lost to failures")
    Params = FlakyHttpParams
    needs = frozenset({"origin"})
    of_origin = frozenset({"fail", "hang", "garbage", "latency_ms"})

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

    @property
    def origin_requests(self) -> float | None:
        """One at the least, unless all attempts hung: the origin counts no request whose client has gone.

        None where answers come so late that any attempt may be given up.
        """
        params = self.params
        return 1 - params.hang**params.attempts if params.latency_ms <= params.limit_ms / 2 else None

    def check(self, payload: Payload, reply: Any) -> str | None:
        """It succeeded within the attempts, or used all of them."""
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
        """Time beyond that of one good answer: failed attempts, waiting, and messages.

        All of it where no answer comes within the limit.
        """
        params = self.params
        answers = params.latency_ms < params.limit_ms
        return {"lost_ms": max(0.0, figures.mean_ms - params.latency_ms) if answers else figures.mean_ms}

    @property
    def ideal_s(self) -> None:
        """Not known: it depends on the random failures."""
        return None


WORKLOAD = FlakyHttp
