"""A limit on the rate of requests: a bucket, by its time alone; and as a client meets it."""

import os

import pytest
from aiohttp.test_utils import TestClient, TestServer

from origin.counters import Counters
from origin.diary import Diary
from origin.limits import BUCKETS, NS, Limits, asked
from origin.server import application


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    """Three at once of 10/s; the fourth 100 ms later, and no sooner."""
    limits = Limits()
    assert [limits.wait_s(1, 10, 3, now_ns=NS) for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])
    assert limits.wait_s(1, 10, 3, now_ns=NS + NS // 20) == pytest.approx(0.05)
    assert limits.wait_s(1, 10, 3, now_ns=NS + NS // 10) == 0
    assert limits.wait_s(1, 10, 3, now_ns=NS + NS // 10) > 0


def test_a_second_never_has_more_than_the_rate_and_a_burst() -> None:
    """However hard it is tried: the bound that no trial passes."""
    limits = Limits()
    admitted = sum(limits.wait_s(1, 20, 5, now_ns=NS + step * NS // 1000) == 0 for step in range(10_000))
    assert 199 <= admitted <= 205


def test_buckets_are_those_of_their_trials() -> None:
    """A later trial that takes an earlier one's place begins with a full bucket."""
    limits = Limits()
    assert [limits.wait_s(key, 1, 1, now_ns=NS) for key in (1, 2, 1 + BUCKETS)] == [0, 0, 0]
    assert limits.wait_s(2, 1, 1, now_ns=NS) == 1


def test_processes_share_a_bucket() -> None:
    """A child takes the only token."""
    limits = Limits()
    if (child := os.fork()) == 0:
        os._exit(int(limits.wait_s(1, 0.01, 1) != 0))
    assert os.waitpid(child, 0)[1] == 0
    assert limits.wait_s(1, 0.01, 1) > 90


@pytest.mark.parametrize(("per_s", "burst"), [("0", "1"), ("nan", "1"), ("5", "0"), ("5", "1.5"), ("soon", "1")])
def test_what_is_no_limit_is_refused(per_s: str, burst: str) -> None:
    """The origin answers 400."""
    with pytest.raises(ValueError, match=r"expected|invalid|could not"):
        asked(per_s, burst)


async def test_a_refusal_says_when_to_come_again() -> None:
    """429, with whole seconds; another bucket is not touched."""
    server = TestServer(application(0, Counters(1), Diary(), Limits(), os.getpid(), 1))
    async with TestClient(server) as client:
        query = "allowed_per_s=0.5&burst=1"
        first, second, other = [await client.get(f"/limited/{key}?{query}") for key in (7, 7, 8)]
        assert [reply.status for reply in (first, second, other)] == [200, 429, 200]
        assert second.headers["Retry-After"] == "2"
        assert (await client.get("/limited/7?allowed_per_s=0.5")).status == 400
