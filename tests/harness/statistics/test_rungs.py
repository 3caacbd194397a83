"""Rungs: the effects of a ladder's changes, judged and in words."""

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.results.base import MetricKey
from harness.results.model import Cell, Rung, View
from harness.statistics.comparisons import comparisons
from harness.statistics.rungs import TOO_FEW, by_metric, direction, in_words, speeds, unchanged
from tests.builders import cell_of, summarised, trial_of, usage_of
from tests.ladders import effect_of


def rung_of(ratio: float, memory: float = 1.0, rounds: int = 5, load: str = "closed:32") -> tuple[list[Cell], View]:
    """A base and a changed cell, whose throughput and memory have those ratios in every round."""
    view = View(name="rung", about="", matched="none", rung=Rung(base=("a",), gives_up="", unsafe=False))
    made = []
    for name, rate, mb in (("a", 100.0, 100.0), ("b", 100.0 * ratio, 100.0 * memory)):
        trials = [
            msgspec.structs.replace(
                trial_of(number, rate * (1 + number / 1000)),
                usage=msgspec.structs.replace(trial_of().usage, driver=usage_of(0.5, memory_mb=mb)),
            )
            for number in range(1, rounds + 1)
        ]
        cell = cell_of(trials=trials, id=name, tuning=[name], views=["rung"])
        made.append(summarised(msgspec.structs.replace(cell, load=parse_load(load, "the test").describe())))
    return made, view


@pytest.mark.parametrize(
    ("ratio", "memory", "says"),
    [
        (2.0, 1.0, "throughput 2.00 times as fast"),
        (0.8, 1.0, "throughput 1.25 times as slow"),
        (1.04, 0.96, "no difference"),
        (1.0, 1.2, "memory 1.20 times as much"),
        (1.0, 1.0, "no difference"),
    ],
)
def test_an_effect_is_one_where_its_interval_is_not_within_5_percent(ratio: float, memory: float, says: str) -> None:
    """However narrow it is."""
    made, view = rung_of(ratio, memory)
    assert in_words(comparisons(made, [view])) == says


def test_an_effect_of_too_few_rounds_is_none() -> None:
    """A verdict needs five."""
    made, view = rung_of(2.0, rounds=4)
    assert in_words(comparisons(made, [view])) == TOO_FEW
    assert in_words([]) == "not measured"


def test_what_is_changed_is_compared_with_what_was_whatever_the_order() -> None:
    """The base's cell may stand behind the changed one, where another rung came first."""
    made, view = rung_of(2.0)
    assert in_words(comparisons(made[::-1], [view])) == "throughput 2.00 times as fast"


def test_one_client_alone_shows_latency_and_nothing_else() -> None:
    """Its throughput is one over it."""
    made, view = rung_of(2.0, load="closed:1")
    assert {one.metric for one in comparisons(made, [view])} == {"latency_p50_ms"}


def test_the_direction_is_that_of_the_first_speed_that_differs() -> None:
    """In the order of the metrics, not of the loads; costs have none."""
    assert (
        direction([effect_of("a", "latency_p50_ms", "slower"), effect_of("a", "throughput_per_s", "faster")])
        == "faster"
    )
    assert (
        direction([effect_of("a", "throughput_per_s", "no difference"), effect_of("a", "cpu_s_per_1000", "less")])
        is None
    )


def test_of_several_loads_the_first_shows_the_effect() -> None:
    """Each metric once, in the order of the metrics."""
    effects = [
        effect_of("a", "cpu_s_per_1000", "less", 0.5),
        effect_of("a", "throughput_per_s", "faster", 2.0),
        effect_of("a", "throughput_per_s", "slower", 0.9, load="closed:4"),
    ]
    assert [(key, effect.ratio) for key, effect in by_metric(effects).items()] == [
        ("throughput_per_s", 2.0),
        ("cpu_s_per_1000", 0.5),
    ]


@pytest.mark.parametrize(
    ("verdicts", "called"),
    [
        (["no difference", "no difference"], "no difference"),
        (["no difference", "undecided"], "undecided"),
        (["undecided", None], TOO_FEW),
    ],
)
def test_effects_without_a_difference_are_called_by_the_least_certain(verdicts: list[str | None], called: str) -> None:
    """Undecided is not equal."""
    metrics: tuple[MetricKey, MetricKey] = ("throughput_per_s", "memory_mb")
    effects = [effect_of("a", metric, verdict) for metric, verdict in zip(metrics, verdicts, strict=True)]
    assert unchanged(effects) == in_words(effects) == called
    assert speeds(effects) == effects[:1]
