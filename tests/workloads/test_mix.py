"""A mix of jobs: its shares are exact, its draws follow from the seed, and short jobs are told from longer ones."""

from collections import Counter

import msgspec
import pytest

from harness.contenders.contender import contender_of
from harness.contenders.sides.declaration import celery_side
from workloads.catalogue.mix import Mix, MixParams
from workloads.manifest import kinds_of, written
from workloads.workload import Figures, PartFigures, Services, Spread


def mix(jobs: str = MixParams().jobs, seed: int = 1) -> Mix:
    """With that manifest."""
    return Mix(MixParams(jobs=jobs), Services(), seed)


@pytest.mark.parametrize(
    ("jobs", "requests", "expected"),
    [
        ("95%:20ms,5%:2s", 1000, {"short": 950, "long": 50}),
        ("99.95%:20ms,0.05%:2s", 4000, {"short": 3998, "long": 2}),
        ("33.33%:2s,66.67%:20ms", 9000, {"short": 6000, "long": 3000}),
        ("100%:20ms", 9000, {"short": 9000}),
        ("1%:10s,9%:500ms,90%:20ms", 1000, {"short": 900, "medium": 90, "long": 10}),
        ("25%:1s,25%:2s,25%:3s,25%:4s", 1000, {"short": 250, "medium_1": 250, "medium_2": 250, "long": 250}),
        ("95.07%:20ms,0.02%:30ms,4.91%:1s", 10_000, {"short": 9507, "medium": 2, "long": 491}),
    ],
)
def test_any_thousands_have_the_shares_exactly(jobs: str, requests: int, expected: dict[str, int]) -> None:
    """To one job where a share is none of whole jobs; of any driver's requests."""
    made = mix(jobs)
    for begin in (0, 7000, (3 << 40) // 1000 * 1000):
        kinds = Counter(made.part(number).name for number in range(begin, begin + requests))
        assert kinds == pytest.approx(expected, abs=len(expected) - 1)
        assert kinds.total() == requests


def test_many_kinds_of_any_shares_fill_each_block() -> None:
    """No kind is counted twice, whatever the rounding."""
    shares = [3.7, 0.01, 12.345, 6.0, 6.0, 6.0, 5.5, 4.4, 3.3, 2.2, 1.1, 0.9, 0.8, 0.7, 0.6]
    jobs = ",".join(f"{share}%:{n + 1}ms" for n, share in enumerate([*shares, round(100 - sum(shares), 6)]))
    made = mix(jobs)
    kinds = Counter(made.part(number).name for number in range(100_000))
    assert kinds["medium_1"] == pytest.approx(10, abs=1)
    assert kinds["long"] == pytest.approx(46_445, abs=16)
    assert kinds.total() == 100_000


def test_long_ones_come_together_as_often_as_by_chance() -> None:
    """Of 80 in a row: a spread that is evened out would leave nothing of the queue that they make."""
    made = mix()
    longs = [sum(made.part(begin + n).name == "long" for n in range(80)) for begin in range(0, 24_000, 80)]
    mean = sum(longs) / len(longs)
    variance = sum((value - mean) ** 2 for value in longs) / len(longs)
    assert mean == pytest.approx(4.0, rel=0.1)
    assert variance == pytest.approx(80 * 0.05 * 0.95, rel=0.25)


def test_which_jobs_come_follows_from_the_seed() -> None:
    """The same for both sides, and in whichever order it is asked; another seed, other places."""
    jobs = "90%:20ms,9%:500ms:exponential,1%:10s:lognormal"
    one, again, other = (mix(jobs, seed) for seed in (1, 1, 2))
    backwards = [again.payload(number) for number in reversed(range(500))]
    assert [one.payload(number) for number in range(500)] == backwards[::-1]
    assert [one.payload(number) for number in range(500)] != [other.payload(number) for number in range(500)]


@pytest.mark.parametrize(("draw", "different"), [("", 2), (":fixed", 2), (":exponential", 200), (":lognormal", 200)])
def test_the_mean_is_the_ideal(draw: str, different: int) -> None:
    """So that slots ÷ ideal is the most that is possible: of as many as have each draw once."""
    made = mix(f"95%:20ms{draw},5%:2s{draw}")
    times = [made.part(number).alone_s for number in range(38_000)]  # 361 and 19 times the hundred draws
    assert sum(times) / len(times) == pytest.approx(made.ideal_s, rel=1e-9)
    assert made.ideal_s == pytest.approx(0.119)
    assert len({round(time, 12) for time in times}) == different
    assert made.expected_s == max(times)


def test_lognormal_times_vary_as_much_as_their_mean() -> None:
    """A little less, because the longest of a hundred is not the longest that there can be."""
    times = [mix("100%:1s:lognormal").part(number).alone_s for number in range(100)]
    deviation = (sum((time - 1) ** 2 for time in times) / len(times)) ** 0.5
    assert deviation == pytest.approx(0.95, abs=0.05)
    assert max(times) == pytest.approx(6, abs=0.5)


def test_each_kind_has_a_queue_of_its_own_as_far_as_there_are_some() -> None:
    """By its time, in the payload; neither side's work takes that."""
    side = celery_side("mix")
    assert side.lane is not None
    made = mix("90%:20ms,9%:500ms,1%:10s")
    lanes = {made.part(number).name: side.lane(**made.payload(number)) for number in range(1000)}
    assert lanes == {"short": 0, "medium": 1, "long": 2}
    contender = contender_of("celery-prefork", ["3-queues"])
    assert contender.queues("q") == ["q", "q.2", "q.3"]
    assert contender_of("celery-prefork", ["2-workers"]).queues("q") == ["q"]
    assert contender.cannot("mix", None) is None
    assert contender.cannot("sleep", None) == "one kind of job has one queue: mix has several"


@pytest.mark.parametrize(
    ("jobs", "why"),
    [
        ("", "such as 95%:20ms,5%:2s:exponential; got ''"),
        ("95%:20ms,5%", "such as 95%:20ms,5%:2s:exponential; got '5%'"),
        ("95%:20,5%:2s", "got '95%:20'"),
        ("95%:20ms,4%:2s", "the shares of all kinds add up to 100 %; got 99 in '95%:20ms,4%:2s'"),
        ("100%:20ms,0%:2s", "a share is above 0 % and at most 100 %; got '0%:2s'"),
        ("100%:11min", "a job takes from 0.1ms to 10min; got '100%:11min'"),
        ("100%:0.01ms", "a job takes from 0.1ms to 10min; got '100%:0.01ms'"),
        ("100%:1s:normal", "expected one of fixed, exponential, lognormal after the time; got 'normal'"),
        (",".join(["5%:1s"] * 20), "at most 16 kinds of job; got 20"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(jobs: str, why: str) -> None:
    """By the same check as any other parameter, with what is wrong."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert({"jobs": jobs}, MixParams)
    assert why in str(raised.value)


@pytest.mark.parametrize(
    ("jobs", "times", "shorter", "least_s"),
    [
        ("90%:1.2s,10%:5min", 60, "90%:20ms,10%:5s", 0.02),
        ("10%:10min:exponential,90%:2s:lognormal", 2, "90%:1s:lognormal,10%:5min:exponential", 1.0),
    ],
)
def test_a_time_scale_makes_each_kind_shorter(jobs: str, times: int, shorter: str, least_s: float) -> None:
    """Shares and distributions stay; the least that is left says whether it can be."""
    found, seconds = Mix.shortened("jobs", jobs, times)
    assert found == shorter
    assert seconds == pytest.approx(least_s)


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


def test_a_share_is_written_without_an_exponent() -> None:
    """As a time scale writes the manifest again."""
    jobs = "99.99999%:20ms,0.00001%:2s"
    assert written(kinds_of(jobs)) == jobs
