"""A mix of jobs: its shares are exact, its draws follow from the seed, and short jobs are told from long ones."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from harness.contenders.contender import contender_of
from harness.contenders.sides.declaration import celery_side
from workloads.catalogue.mix import Mix, MixParams
from workloads.workload import Figures, PartFigures, Services, Spread


def mix(seed: int = 1, **params: Any) -> Mix:
    """With those parameters."""
    return Mix(MixParams(**params), Services(), seed)


@pytest.mark.parametrize(
    ("percent", "requests", "longs"), [(5.0, 1000, 50), (0.05, 4000, 2), (33.33, 9000, 3000), (0, 9000, 0)]
)
def test_any_thousands_have_the_share_exactly(percent: float, requests: int, longs: int) -> None:
    """To one job where the share is none of whole jobs; of any driver's requests."""
    made = mix(long_percent=percent)
    for begin in (0, 7000, (3 << 40) // 1000 * 1000):
        kinds = Counter(made.part(number).name for number in range(begin, begin + requests))
        assert kinds["long"] == pytest.approx(longs, abs=1)
        assert kinds.total() == requests


def test_long_ones_come_together_as_often_as_by_chance() -> None:
    """Of 80 in a row: a spread that is evened out would leave nothing of the queue that they make."""
    made = mix()
    longs = [sum(made.part(begin + n).name == "long" for n in range(80)) for begin in range(0, 24_000, 80)]
    mean = sum(longs) / len(longs)
    variance = sum((value - mean) ** 2 for value in longs) / len(longs)
    assert mean == pytest.approx(4.0, rel=0.1)
    assert variance == pytest.approx(80 * 0.05 * 0.95, rel=0.25)


def test_where_the_long_ones_are_follows_from_the_seed() -> None:
    """The same for both sides, and in whichever order it is asked; another seed, other places."""
    one, again, other = (mix(seed) for seed in (1, 1, 2))
    backwards = [again.payload(number) for number in reversed(range(500))]
    assert [one.payload(number) for number in range(500)] == backwards[::-1]
    assert [one.payload(number) for number in range(500)] != [other.payload(number) for number in range(500)]


@pytest.mark.parametrize("draw", ["fixed", "exponential"])
def test_the_mean_is_the_ideal(draw: str) -> None:
    """So that slots ÷ ideal is the most that is possible: of as many as have each draw once."""
    made = mix(short_draw=draw, long_draw=draw)
    times = [made.part(number).alone_s for number in range(38_000)]  # 361 and 19 times the hundred draws
    assert sum(times) / len(times) == pytest.approx(made.ideal_s, rel=1e-9)
    assert made.ideal_s == pytest.approx(0.119)
    assert len(set(times)) == (2 if draw == "fixed" else 200)
    assert made.expected_s == max(times)


def test_long_jobs_have_a_queue_of_their_own_where_there_are_two() -> None:
    """By the kind in the payload, which neither side's work takes."""
    side = celery_side("mix")
    assert side.lane is not None
    lanes = {made.part(number).name: side.lane(**made.payload(number)) for made in (mix(),) for number in range(100)}
    assert lanes == {"short": 0, "long": 1}
    contender = contender_of("celery-prefork", ["2-queues"])
    assert contender.queues("q") == ["q", "q.2"]
    assert contender_of("celery-prefork", ["2-workers"]).queues("q") == ["q"]
    assert contender.cannot("mix", None) is None
    assert contender.cannot("sleep", None) == "one kind of job has one queue: mix has two"


def test_a_long_job_that_is_shorter_than_a_short_one_is_refused() -> None:
    """By the same check as any other parameter."""
    with pytest.raises(msgspec.ValidationError, match="a long job takes 10 ms, and a short one more: 20 ms"):
        msgspec.convert({"long_ms": 10.0}, MixParams)


def test_what_it_is_about() -> None:
    """The mean of short jobs ÷ that of the same jobs alone; percentiles where there are enough jobs."""
    parts = {
        "short": PartFigures(900, Spread(50.0, 22.0, None), Spread(20.0, 20.0, None), 0.0),
        "long": PartFigures(50, Spread(2100.0, 2050.0, None), Spread(2000.0, 2000.0, None), 0.0),
    }
    found = mix().derive(Figures(throughput_per_s=8.0, mean_ms=150.0, parts=parts))
    assert found == pytest.approx(
        {
            "short_slowdown_times": 2.5,
            "short_p50_slowdown_times": 1.1,
            "short_p50_ms": 22.0,
            "long_slowdown_times": 1.05,
            "long_p50_slowdown_times": 1.025,
            "long_p50_ms": 2050.0,
        }
    )
    assert mix().derive(Figures(throughput_per_s=8.0, mean_ms=150.0)) == {}


def test_a_reply_is_the_time_that_was_asked_for() -> None:
    """Nothing else."""
    payload = mix().payload(0)
    assert mix().check(payload, payload["seconds"]) is None
    assert mix().check(payload, 1.0) == f"expected {payload['seconds']}, got 1.0"
