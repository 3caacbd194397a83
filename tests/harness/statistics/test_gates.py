"""Gates: how much worse a metric may become."""

import pytest

from harness.errors import UsageError
from harness.statistics.gates import judge, parse
from harness.statistics.metrics import CPU
from harness.statistics.two_runs import Change, changes
from tests.builders import trial_of
from tests.harness.statistics.test_two_runs import TIGHT, cell, run

NOISY = [60.0, 140.0, 80.0, 120.0, 95.0]


def against(base: list[float], new: list[float]) -> list[Change]:
    """The changes from a run with these rates to one with those."""
    return list(changes(run(cell(base)), run(cell(new))))


def outcome(gate: str, found: list[Change]) -> bool:
    """Whether the gate passes everywhere."""
    return all(one.outcome == "passed" for one in judge(parse(gate), found))


def test_a_gate_fails_only_beyond_what_it_allows() -> None:
    """Ten percent slower fails at five, and passes at twenty; faster always passes."""
    slower = against(TIGHT, [rate * 0.9 for rate in TIGHT])
    assert not outcome("throughput:5%", slower)
    assert outcome("throughput:20%", slower)
    assert outcome("throughput:0%", against(TIGHT, [rate * 1.1 for rate in TIGHT]))


def test_noise_alone_fails_no_gate_and_passes_none() -> None:
    """The whole interval must lie beyond: a mean that does is not enough. Nor is noise a sign that nothing changed."""
    (judged,) = judge(parse("throughput:5%"), against(NOISY, [rate * 0.9 for rate in NOISY]))
    assert judged.outcome == "undecided"
    assert judged.text.startswith(
        "gate throughput:5% undecided: sleep asyncio:16 closed:32, 95 % interval of the change"
    )


def test_one_boot_concludes_nothing() -> None:
    """However narrow the interval of its rounds, and however far off."""
    trials = [trial_of(n, rate, boot=0) for n, rate in enumerate(TIGHT, start=1)]
    slower = [trial_of(n, rate / 2, boot=0) for n, rate in enumerate(TIGHT, start=1)]
    found = list(changes(run(cell([], trials=trials)), run(cell([], trials=slower))))
    assert {change.verdict for change in found} == {None}
    (rate,) = judge(parse("throughput:5%"), found)
    assert (rate.outcome, rate.change.ci95 is None) == ("undecided", False)
    assert "leaves out what varies between boots" in rate.text
    (memory,) = judge(parse("memory:5%"), found)
    assert (memory.outcome, memory.change.ci95) == ("undecided", None)
    assert "no interval" in memory.text


@pytest.mark.parametrize("gate", ["throughput:100%", "throughput:150%", "sleep/asyncio:throughput:100%"])
def test_a_gate_that_can_never_fail_is_an_error(gate: str) -> None:
    """A rate cannot fall by more than all of it; a latency may more than double."""
    with pytest.raises(UsageError, match="could never fail"):
        parse(gate)
    assert parse("p99:150%").percent == 150
    assert parse("throughput:99%").percent == 99


def test_more_is_worse_for_everything_but_throughput() -> None:
    """CPU and memory of a run that costs more."""
    dearer = [change._replace(ci95=(1.2, 1.3)) for change in against(TIGHT, TIGHT) if change.metric is CPU]
    assert not outcome("cpu:10%", dearer)
    assert outcome("cpu:35%", dearer)
    cheaper = [change._replace(ci95=(0.5, 0.6)) for change in dearer]
    assert outcome("cpu:0%", cheaper)


def test_a_gate_may_be_of_one_workload_or_contender() -> None:
    """With its slots or without."""
    found = list(changes(*[run(cell(TIGHT), cell(TIGHT, "celery-threads", side="celery"))] * 2))
    for gate, cells in {
        "throughput:5%": 2,
        "sleep:throughput:5%": 2,
        "sleep/asyncio:throughput:5%": 1,
        "*/celery-threads:16:throughput:5%": 1,
    }.items():
        assert len(judge(parse(gate), found)) == cells


@pytest.mark.parametrize("gate", ["http_date:throughput:5%", "sleep/celery-solo:throughput:5%", "p99:10%"])
def test_a_gate_that_matched_nothing_is_an_error(gate: str) -> None:
    """Never a pass."""
    with pytest.raises(UsageError, match="no cell of both runs matches it"):
        judge(parse(gate), against(TIGHT, TIGHT))


def test_a_gate_on_single_rounds_is_an_error() -> None:
    """There is no interval to judge by."""
    with pytest.raises(UsageError, match="at least 2 rounds"):
        judge(parse("throughput:5%"), against(TIGHT, TIGHT[:1]))


@pytest.mark.parametrize(
    "text", ["", "p99", "p99:10", "p42:10%", "p99:-1%", "throughput:x%", "a/b/:p99:1%x", ":p99:5%"]
)
def test_a_gate_that_cannot_be_read_is_an_error(text: str) -> None:
    """With what is expected."""
    with pytest.raises(UsageError, match="expected METRIC:PERCENT%"):
        parse(text)
