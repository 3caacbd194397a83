"""From the trials of a cell to their summary."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.accounting.summary import (
    Floor,
    summary_of,
)
from harness.results.model import Doubt, Settings, Stage, Stages, Usages
from tests.builders import latency_of, stages_of, usage_of
from tests.harness.accounting.conftest import SETTINGS, accounted, failing, kinds, of_trials, trial


def test_means_of_the_stages_add_up_to_the_mean_latency(tmp_path: Path) -> None:
    """Exactly, in a trial and in its summary."""
    trial = accounted(tmp_path)
    summary = summary_of([trial], None, SETTINGS, Floor(), is_floor=False)
    assert trial.latency_ms is not None
    assert summary is not None
    assert sum(summary.stages_ms.values()) == pytest.approx(trial.latency_ms.mean, rel=1e-9)


def test_percentiles_are_those_of_all_samples_together() -> None:
    """Nine tenths at 10 ms, one at 50 ms: the p99 is 50 ms, which no mean of two p99s would give."""
    latency = of_trials([trial(1, 10.0, 9000), trial(2, 50.0, 1000)]).latency_ms
    assert latency.p50 == pytest.approx(10.0, rel=1e-3)
    assert latency.p99 == pytest.approx(50.0, rel=1e-3)
    assert latency.mean == pytest.approx(14.0)


def test_intervals_of_latencies_come_from_the_trials() -> None:
    """One value a trial; none where a trial has none."""
    trials = [trial(n, middle_ms) for n, middle_ms in enumerate([10.0, 10.5, 9.5], start=1)]
    interval = of_trials(trials).latency_ci95_ms["p99"]
    assert interval is not None
    assert interval[0] < 10.5 < interval[1]
    blank = msgspec.structs.replace(latency_of(10.0), p99=None)
    trials[1] = msgspec.structs.replace(trials[1], latency_ms=blank)
    assert of_trials(trials).latency_ci95_ms["p99"] is None
    assert of_trials(trials).latency_ci95_ms["p50"] is not None


def test_a_figure_lies_within_its_own_interval() -> None:
    """One slow trial of five decides the p99 of all requests, which is no mean of the trials' own."""
    of_all = of_trials([trial(number, 300.0 if number == 1 else 10.0 + number / 10) for number in range(1, 6)])
    p99_ms, interval = of_all.latency_ms.p99, of_all.latency_ci95_ms["p99"]
    assert p99_ms is not None
    assert interval is not None
    assert p99_ms == pytest.approx(300, rel=1e-3)
    assert interval[0] < p99_ms < interval[1]
    assert interval[0] * interval[1] == pytest.approx(p99_ms**2)


def test_stages_weigh_by_requests() -> None:
    """A trial with nine times the requests counts nine times."""
    found = of_trials(
        [trial(1, samples=900, stages_ms=stages_of(10.0)), trial(2, samples=100, stages_ms=stages_of(20.0))]
    )
    assert found.stages_ms["execution"] == pytest.approx(11.0)


def test_a_makespan_that_one_trial_never_reached_is_blank() -> None:
    """The others' mean would be of the lucky ones."""
    spans: list[dict[str, float | None]] = [{"p50": 10.0, "all": 40.0}, {"p50": 10.0, "all": None}]
    found = of_trials([trial(n, makespan_ms=span) for n, span in enumerate(spans, start=1)]).makespan_ms
    assert found == {"p50": pytest.approx(10.0), "all": None}


def test_the_floor_is_taken_over_and_doubted_where_it_is_the_latency() -> None:
    """A no-op of 3 ms is much of 10 ms."""
    summary = of_trials([trial()], Floor(latency_ms=3.0, slot_overhead_ms=2.0))
    assert (summary.floor_ms, summary.slot_overhead_ms) == (3.0, 2.0)
    assert "floor" in [doubt.kind for doubt in summary.doubts]


def test_trials_that_failed_are_no_part_of_a_summary() -> None:
    """And without any other there is none."""
    failed = trial(2, status="failed")
    assert of_trials([trial(), failed]).trials == 1
    assert summary_of([failed], None, SETTINGS, Floor(), is_floor=False) is None


def test_stages_add_up_to_the_latency_over_trials_of_all_sizes(tmp_path: Path) -> None:
    """Within 1 %, as every reader may check it."""
    loads = ("open:40/s", "open:76/s", "open:100/s", "closed:20")
    trials = [accounted(tmp_path, load, duration_s=5.0) for load in loads]
    summary = of_trials(trials)
    assert list(summary.stages_ms) == ["driver_lag", "publish", "queue_wait", "execution", "return"]
    assert sum(summary.stages_ms.values()) == pytest.approx(summary.latency_ms.mean, rel=0.01)
    assert summary.latency_ms.mean == pytest.approx(
        sum(one.ok * one.latency_ms.mean for one in trials if one.latency_ms) / sum(one.ok for one in trials)
    )


def foreign(execution_ms: float) -> Stages:
    """The chain where worker and driver have no common clock."""
    part = Stage(mean=execution_ms, p50=execution_ms, p99=execution_ms)
    return msgspec.structs.replace(stages_of(execution_ms), queue_wait=None, return_=None, transport=part)


def test_chains_of_different_stages_are_not_added() -> None:
    """One trial without a common clock, or without stages: no mean is of all requests."""
    common = stages_of(10.0)
    assert list(of_trials([trial(1, stages_ms=foreign(10.0))]).stages_ms)[-1] == "transport"
    for mixed in ([common, foreign(10.0)], [foreign(10.0), common], [common, None], [None, common]):
        trials = [trial(number, stages_ms=stages) for number, stages in enumerate(mixed, start=1)]
        assert of_trials(trials).stages_ms == {}


def test_extremes_are_those_of_all_trials() -> None:
    """The least of all and the greatest of all."""
    latency = of_trials([trial(1, 10.0), trial(2, 50.0), trial(3, 20.0)]).latency_ms
    assert (latency.min, latency.max) == (5.0, 200.0)


def test_one_trial_gives_no_interval() -> None:
    """Intervals come from trials; each of the figures has one from two on."""
    assert of_trials([trial()]).latency_ci95_ms == dict.fromkeys(("mean", "p50", "p90", "p99"))
    assert of_trials([trial()]).throughput_ci95 is None
    several = of_trials([trial(1, 10.0), trial(2, 11.0)]).latency_ci95_ms
    assert all(interval is not None for interval in several.values())


def test_a_share_of_the_ceiling_is_in_percent() -> None:
    """100 of 200 a second; beside a rate that timers and rounding put above the ceiling, what that rate is of it."""
    assert of_trials([trial()]).percent_of_ceiling == pytest.approx(50.0)
    assert of_trials([trial(throughput_per_s=200.6)]).percent_of_ceiling == pytest.approx(100.3)
    summary = summary_of([trial()], None, SETTINGS, Floor(), is_floor=False)
    assert summary is not None
    assert summary.percent_of_ceiling is None


def test_cpu_of_a_summary_is_blank_where_one_trial_has_none() -> None:
    """A mean of the others would be of other rounds."""
    assert of_trials([trial(1, cpu_s_per_1000=4.0), trial(2, cpu_s_per_1000=6.0)]).cpu_s_per_1000 == pytest.approx(5.0)
    assert of_trials([trial(1, cpu_s_per_1000=4.0), trial(2, cpu_s_per_1000=None)]).cpu_s_per_1000 is None


def test_memory_is_the_largest_over_the_trials() -> None:
    """Of driver and workers together; blank where no trial has any."""
    sizes = [
        Usages(driver=usage_of(0.1, memory_mb=driver), workers=usage_of(0.1, memory_mb=workers))
        for driver, workers in ((100.0, 50.0), (90.0, 90.0), (120.0, 10.0))
    ]
    assert of_trials([trial(n, usage=usage) for n, usage in enumerate(sizes, start=1)]).memory_mb == 180.0
    assert of_trials([trial(usage=Usages())]).memory_mb is None


def test_memory_is_blank_where_the_workers_are_not_known() -> None:
    """Unknown is not nothing."""
    usage = Usages(driver=usage_of(0.1, memory_mb=100.0), workers=usage_of(0.1, memory_mb=None))
    assert of_trials([trial(usage=usage)]).memory_mb is None


@pytest.mark.parametrize("figure", ["publish_per_s", "sustained_per_s"])
def test_rates_of_a_summary_are_geometric_means_of_all_trials_or_blank(figure: str) -> None:
    """10 and 1,000 have 100 between them."""
    rates: list[dict[str, Any]] = [{figure: 10.0}, {figure: 1000.0}, {figure: None}]
    first, second, blank = (trial(number, **rate) for number, rate in enumerate(rates, start=1))
    assert getattr(of_trials([first, second]), figure) == pytest.approx(100.0)
    assert getattr(of_trials([first, second, blank]), figure) is None


def test_a_makespan_is_the_geometric_mean_of_each_part() -> None:
    """Part by part; none for a load that has none."""
    spans: list[dict[str, float | None]] = [{"p50": 10.0, "all": 20.0}, {"p50": 40.0, "all": 80.0}]
    found = of_trials([trial(n, makespan_ms=span) for n, span in enumerate(spans, start=1)]).makespan_ms
    assert found == pytest.approx({"p50": 20.0, "all": 40.0})
    assert of_trials([trial()]).makespan_ms is None


def test_the_bottleneck_is_that_of_most_trials() -> None:
    """Wherever these stand; nothing limits where nothing limited most."""
    limits = ["driver", "slots", "slots"]
    assert of_trials([trial(n, bottleneck=limit) for n, limit in enumerate(limits)]).bottleneck == "slots"
    assert of_trials([trial(n, bottleneck=limit) for n, limit in enumerate(["slots", None, None])]).bottleneck is None


def test_a_summary_carries_the_doubts_of_its_trials_its_settings_and_its_rounds() -> None:
    """Each once; those of a trial that was not measured are left out with it."""
    late, noisy = (Doubt(kind=kind, text="a text", advice="advice") for kind in ("late-pacing", "noisy-machine"))
    trials = [trial(1, doubts=[late]), trial(2, doubts=[late]), trial(3, doubts=[noisy], status="failed")]
    differing = Settings(asked={"slots": 4}, effective={"slots": 8})
    assert kinds(of_trials(trials, settings=differing)) == ["late-pacing", "settings-differ", "too-few-rounds"]


def test_no_floor_is_no_doubt() -> None:
    """Blank, and not 0."""
    summary = of_trials([trial()])
    assert (summary.floor_ms, summary.slot_overhead_ms) == (None, None)
    assert "floor" not in kinds(summary)


def test_a_burst_that_one_trial_did_not_finish_is_blank_in_the_summary(tmp_path: Path) -> None:
    """Both trials were measured and have good replies: neither may be passed over."""
    whole = accounted(tmp_path, "burst:200", warmup_s=0.0)
    part = accounted(tmp_path, "burst:200", warmup_s=0.0, serve=failing(7))
    assert (part.status, part.ok) == ("measured", 199)
    summary = of_trials([whole, part])
    assert summary.trials == 2
    assert summary.makespan_ms is not None
    assert summary.makespan_ms["p50"] is not None
    assert summary.makespan_ms["all"] is None


TIE = """
from tests.builders import cell_of, summarised, trial_of
tie = cell_of(trials=[trial_of(1, bottleneck="driver"), trial_of(2, bottleneck="slots")])
print(summarised(tie).summary.bottleneck)
"""


def test_two_limits_in_as_many_trials_are_named_the_same_by_every_process() -> None:
    """The same document must come of the same trials."""
    root = str(Path(__file__).resolve().parents[3])
    named = {
        subprocess.run(
            [sys.executable, "-c", TIE],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(named) == 1


def test_intervals_come_from_boots_and_a_single_one_is_a_doubt() -> None:
    """Rounds of a boot are one sample; a boot alone shows nothing of the next one."""
    rates = [100.0, 101.0, 99.0, 110.0, 111.0, 109.0]
    several = of_trials([trial(n, throughput_per_s=rate, boot=n // 3) for n, rate in enumerate(rates)])
    alone = of_trials([trial(n, throughput_per_s=rate, boot=0) for n, rate in enumerate(rates)])
    assert several.throughput_ci95 is not None
    assert alone.throughput_ci95 is not None
    assert several.throughput_ci95[0] < 0.6 * alone.throughput_ci95[0]
    assert "one-boot" in kinds(alone)
    assert "one-boot" not in kinds(several)
    assert "one-boot" not in kinds(of_trials([trial(1, boot=0)]))
