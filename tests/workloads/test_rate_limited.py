"""rate_limited: its figures, the bound that the origin's limit is, and the coroutine's limiter."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestServer
from aiolimiter import AsyncLimiter
from celery.exceptions import ImproperlyConfigured

from asyncio_side.rate_limited import SIDE, resources
from celery_side.app import app
from celery_side.tasks.rate_limited import bucket_of, wait_for_token
from harness.accounting.physics import Bounds, broken_bounds
from harness.contenders.sides import declaration
from harness.contenders.sides.opening import opened
from origin.counters import Counters
from origin.diary import Diary
from origin.limits import Limits
from origin.server import application
from tests.builders import trial_of
from workloads import promises
from workloads.catalogue.rate_limited import RateLimited, RateLimitedParams, jain
from workloads.promises import retry_after_s
from workloads.workload import Allowance, Figures, Services


def workload(**params: object) -> RateLimited:
    """Of one trial."""
    return RateLimited(RateLimitedParams(**params), Services(origin_url="http://127.0.0.1:1", trial=7), 1)  # type: ignore[arg-type]


def test_the_mean_of_what_replies_add_is_the_fairness_of_the_whole_trial() -> None:
    """Three of one worker and one of another: (3 + 1)² ÷ (2 × (9 + 1))."""
    made = workload()
    replies = [{"refused": 0, "executor": name} for name in ("a", "a", "b", "a")]
    added = [made.measure({}, reply)["fairness"] for reply in replies]
    assert sum(added) / len(added) == pytest.approx(jain([3, 1])) == pytest.approx(0.8)
    assert jain([5, 5]) == 1
    assert jain([10]) == 1


def test_fairness_is_that_of_the_window() -> None:
    """What was unfair before it does not make more than 1 of what is fair in it."""
    made = workload()
    before, within = ["a"] * 10 + ["b"], ["b", "a"] * 5
    for name in before:
        made.measure({}, {"refused": 0, "executor": name})
    made.measure_anew()
    added = [made.measure({}, {"refused": 0, "executor": name})["fairness"] for name in within]
    assert sum(added) / len(added) == pytest.approx(1.0)


def test_the_allowed_rate_is_there_to_be_used() -> None:
    """15/s of 20/s; all that name a trial share its bucket."""
    made = workload(allowed_per_s=20)
    assert made.derive(Figures(throughput_per_s=15, mean_ms=20)) == {"used_percent": 75}
    assert made.derive(Figures(throughput_per_s=24, mean_ms=20)) == {"used_percent": 100}  # with a burst
    assert "/limited/7?" in made.payload(0)["url"]


def test_a_trial_that_served_more_than_is_allowed_is_impossible() -> None:
    """20/s for a second and a burst of 5: 25 at the most."""
    bounds = Bounds(steady=True, allowance=Allowance(20, 5))
    assert not broken_bounds(trial_of(throughput_per_s=25.0), bounds)
    (said,) = broken_bounds(trial_of(throughput_per_s=27.0), bounds)
    assert "27 requests were served in 1 s, but 20/s and a burst of 5 are allowed: 25" in said


async def test_what_is_refused_comes_again_and_is_counted() -> None:
    """Three at once, of which two are allowed: the third is told to come again in a second."""
    server = TestServer(application(0, Counters(1), Diary(), Limits(), 1, 1))
    async with server:
        params = RateLimitedParams(allowed_per_s=2, burst=2, latency_ms=0, limiter="none")
        made = RateLimited(params, Services(origin_url=str(server.make_url("")).rstrip("/")), 1)
        async with opened(SIDE, "rate_limited", None, made.resources()) as work:
            replies = await asyncio.gather(*(work(**made.payload(number)) for number in range(3)))
    assert all(made.check(made.payload(0), reply) is None for reply in replies)
    assert sorted(reply["refused"] for reply in replies) == [0, 0, 1]


async def test_coroutines_have_a_bucket_as_the_origin_has() -> None:
    """With its rate and its burst; without a limiter, none."""
    async with resources(**workload(allowed_per_s=20, burst=5).resources()) as client:
        assert isinstance(client.limiter, AsyncLimiter)
        assert (client.limiter.max_rate, client.limiter.time_period) == (5, 0.25)
    async with resources(**workload(limiter="none").resources()) as client:
        assert not isinstance(client.limiter, AsyncLimiter)


def test_without_its_library_the_coroutine_is_not_supported_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The extra `limits`."""
    monkeypatch.setattr(declaration, "find_spec", lambda _: None)
    said = declaration.coroutine_cannot("rate_limited")
    assert said == "aiolimiter not installed: pip install 'celery-or-asyncio-workbench[limits]'"
    assert declaration.coroutine_cannot("sleep") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 30.0),
        ("Wed Oct 21 07:28:00 2026", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 2126 07:27:00 GMT", 3600.0),
        ("9" * 500, 3600.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_when_to_come_again(text: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In seconds or at a date, and in an hour at the latest."""
    half_past_seven = datetime(2026, 10, 21, 7, 27, 30, tzinfo=UTC).timestamp()
    monkeypatch.setattr(promises, "time", lambda: half_past_seven)
    assert retry_after_s(text) == seconds


def test_a_shared_bucket_lies_among_the_keys_of_its_run_and_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Redis that others use too, whose users may have rights to keys of one prefix alone."""
    url = "http://me:s3cr3t@127.0.0.1:8000/limited"
    monkeypatch.setitem(app.conf, "result_backend_transport_options", {"global_keyprefix": "workbench:run:"})
    assert bucket_of(f"{url}?n=1") == bucket_of(f"{url}?n=2")
    assert bucket_of(url).startswith("workbench:run:rate_limited:")
    assert "s3cr3t" not in bucket_of(url)


def test_a_shared_bucket_without_a_redis_is_a_failure_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results may be messages (`--result-backend rpc://`)."""
    monkeypatch.setattr(type(app), "backend", object())
    with pytest.raises(ImproperlyConfigured, match="in the Redis that stores results, and none does"):
        wait_for_token("http://127.0.0.1:8000/limited", 10.0, 1)
