"""What workloads measure of their own: from known figures, exactly."""

from typing import Any

import pytest

from harness import registry
from workloads.workload import Figures, Services, Workload


def made(name: str, **params: Any) -> Workload[Any]:
    """A workload with those parameters."""
    kind = registry.load("workload", name)
    workload: Workload[Any] = kind(kind.Params(**params), Services(origin_url="http://127.0.0.1:1"), 1)
    return workload


FIGURES = Figures(throughput_per_s=10.0, mean_ms=80.0, served_per_reply=13.0, connections=7)


@pytest.mark.parametrize(
    ("name", "params", "amounts_to"),
    [
        ("http_fanout", {"pages": 8, "latency_ms": 50.0}, {"pages_per_s": 80.0, "beyond_slowest_page_ms": 30.0}),
        ("first_response", {}, {"wasted_answers": 12.0}),
        (
            "comment_tree",
            {"depth": 2, "branching": 3},
            {"comments_per_s": 130.0, "requests_a_tree": 13.0},
        ),
        ("flaky_http", {"latency_ms": 20.0}, {"lost_ms": 60.0}),
        ("flaky_http", {"latency_ms": 300.0, "limit_ms": 250.0}, {"lost_ms": 80.0}),
        ("download", {"mib": 2.0}, {"MiB_per_s": 20.0}),
        ("download", {"mib": 1.9 * 2**-20}, {"MiB_per_s": 10 * 2**-20}),
        ("noop", {}, {}),
    ],
)
def test_what_a_trials_figures_amount_to(name: str, params: dict[str, Any], amounts_to: dict[str, float]) -> None:
    """In the workload's own terms."""
    assert made(name, **params).derive(FIGURES) == pytest.approx(amounts_to)


def test_what_the_origin_did_not_count_is_not_made_up() -> None:
    """As with an origin that is not the run's own."""
    unknown = Figures(throughput_per_s=10.0, mean_ms=80.0)
    assert made("first_response").derive(unknown) == {}
    assert made("comment_tree").derive(unknown).keys() == {"comments_per_s"}


def test_the_rhythm_of_what_comes_again_and_again() -> None:
    """Late by 20 ms once, missed once: gaps of 120, 80 and 200 ms where 100 are asked for."""
    found = made("periodic", every_ms=100.0).measure({}, {"came_ms": [0.0, 120.0, 200.0, 400.0]})
    assert found == pytest.approx({"jitter_ms": 140 / 3, "drift_percent": 100 * (400 / 300 - 1), "missed": 1})


@pytest.mark.parametrize(
    ("reply", "measures"),
    [
        ({"status": "ok", "attempts": 2}, {"attempts": 2, "gave_up_percent": 0.0}),
        ({"status": "gave up", "attempts": 4}, {"attempts": 4, "gave_up_percent": 100.0}),
    ],
)
def test_attempts_and_what_was_given_up(reply: dict[str, Any], measures: dict[str, float]) -> None:
    """Of one request of `flaky_http`."""
    assert made("flaky_http").measure({}, reply) == measures


def test_whichever_hundred_draws_are_measured_their_times_add_up_to_the_same() -> None:
    """So that what is compared does the same work."""
    sleep = made("sleep", draw="exponential")
    sums = [sum(sleep.payload(n)["seconds"] for n in range(first, first + 100)) for first in (0, 37)]
    assert sums[0] == pytest.approx(sums[1])
    assert len({sleep.payload(n)["seconds"] for n in range(100)}) == 100
    assert sums[0] / 100 == pytest.approx(0.05)  # the mean that its heading says


@pytest.mark.parametrize(
    ("name", "params", "side", "slots", "bound_per_s"),
    [
        ("http_date", {"connections": 20, "latency_ms": 500.0}, "asyncio", 60, 40.0),
        ("http_date", {"connections": 20}, "celery", 60, None),
        ("http_date", {}, "asyncio", 60, None),
        ("blocking_call", {"threads": 6, "seconds": 0.1}, "asyncio", 64, 60.0),
        ("blocking_call", {"seconds": 0.1}, "asyncio", None, 640.0),
        ("blocking_call", {"seconds": 0.1}, "asyncio", 16, None),
        ("blocking_call", {"seconds": 0.1, "how": "inline"}, "asyncio", 16, 10.0),
        ("sql_query", {"slow_ms": 100.0}, "asyncio", None, 640.0),
        ("sql_query", {"slow_ms": 100.0}, "asyncio", 64, None),
        ("comment_tree", {"depth": 1, "branching": 3, "latency_ms": 100.0}, "asyncio", 600, 1280.0),
    ],
)
def test_a_limit_of_the_work_bounds_its_throughput(
    name: str, params: dict[str, Any], side: str, slots: int | None, bound_per_s: float | None
) -> None:
    """Places ÷ the time for which a request holds them; None where slots bound it as well."""
    places = made(name, **params).at_once(side, slots)
    assert (places and places.number / places.held_s) == (bound_per_s and pytest.approx(bound_per_s))


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("blocking_call", {"threads": 6, "how": "process"}),
        ("blocking_call", {"threads": 6, "how": "inline"}),
        ("flaky_http", {"fail": 0.9, "hang": 0.2}),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(name: str, params: dict[str, Any]) -> None:
    """Neither would be in effect as its heading says."""
    with pytest.raises(ValueError, match=r"no effect|more than 1"):
        made(name, **params)


@pytest.mark.parametrize(("how", "ideal_s"), [("semaphore", 0.4), ("queue", 0.4), ("gather", 0.1), ("task_group", 0.1)])
def test_pages_beyond_what_is_fetched_at_once_take_their_time(how: str, ideal_s: float) -> None:
    """100 pages, 32 at once: four times as long as one."""
    assert made("http_fanout", pages=100, latency_ms=100.0, how=how).ideal_s == pytest.approx(ideal_s)


def test_work_is_cancelled_before_its_end_and_seen_often_enough() -> None:
    """Else there is nothing to stop, or nobody would see it go on."""
    cancel = made("cancel", seconds=0.1, after_ms=500.0, poll_ms=500.0)
    assert cancel.payload(0)["poll_s"] == pytest.approx(0.01)
    assert cancel.after_s(0) == pytest.approx(0.08)  # type: ignore[attr-defined]


@pytest.mark.parametrize("work_ms", [110.85, 33.3, 0.7])
def test_nothing_waits_for_less_than_no_time(work_ms: float) -> None:
    """Whatever a share of 100 % is rounded to."""
    assert made("mixed_cpu", work_ms=work_ms, cpu_percent=100).payload(0)["wait_s"] >= 0


@pytest.mark.parametrize(
    ("name", "params", "least_s"),
    [
        ("delayed", {"delay_ms": 50_000}, 50),
        ("cancel", {"seconds": 40}, 80),
        ("periodic", {"every_ms": 5000, "times": 15}, 75),
        ("download", {"latency_ms": 45_000}, 45),
        ("fire_and_forget", {"latency_ms": 45_000}, 45),
        ("after_response", {"latency_ms": 45_000}, 45),
    ],
)
def test_the_first_requests_deadline_allows_for_what_is_asked(
    name: str, params: dict[str, Any], least_s: float
) -> None:
    """Where nobody can tell the ideal time."""
    expected_s = made(name, **params).expected_s
    assert expected_s is not None
    assert expected_s >= least_s


@pytest.mark.parametrize(
    ("params", "requests"),
    [
        ({}, 1 - 0.02**4),
        ({"hang": 1.0, "fail": 0.0, "garbage": 0.0}, 0.0),
        ({"latency_ms": 300.0, "limit_ms": 250.0}, None),
        ({"latency_ms": 300.0, "limit_ms": 5000.0, "hang": 0.0}, 1.0),
    ],
)
def test_a_request_that_was_given_up_is_not_counted_by_the_origin(
    params: dict[str, Any], requests: float | None
) -> None:
    """So that a reply that gave up needs none."""
    assert made("flaky_http", **params).origin_requests == requests
