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
        ("download", {"mib": 2.0}, {"MiB_per_s": 20.0}),
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
