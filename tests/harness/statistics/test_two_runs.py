"""Two runs, cell by cell."""

from typing import Any

import msgspec
import pytest

from harness.loads.open import Open
from harness.results.model import Cell, Results
from harness.statistics.metrics import CPU, MEDIAN_LATENCY, THROUGHPUT
from harness.statistics.two_runs import changes, only_in_one, unlike
from tests.builders import cell_of, latency_of, results_of, summarised, trial_of

TIGHT = [100.0, 100.2, 99.8, 100.1, 99.9]


def cell(rates: list[float], contender: str = "asyncio", **changed: Any) -> Cell:
    """A cell with its summary."""
    return summarised(cell_of(contender, rates, id=f"{contender}-{changed}", **changed))


def run(*cells: Cell, **environment: Any) -> Results:
    """A document of these cells."""
    made = results_of(list(cells))
    return msgspec.structs.replace(made, environment=msgspec.structs.replace(made.environment, **environment))


def test_a_run_against_itself_is_no_difference() -> None:
    """In every figure."""
    one = run(cell(TIGHT), cell(TIGHT, "celery-threads", side="celery"))
    assert {change.verdict for change in changes(one, one)} == {"no difference"}


def test_what_changed_is_reported_with_its_interval() -> None:
    """From the new run's side; cost by its own words."""
    dearer = [trial_of(n, rate, cpu_s_per_1000=6.0) for n, rate in enumerate(TIGHT, start=1)]
    found = {one.metric: one for one in changes(run(cell(TIGHT)), run(cell([], trials=dearer)))}
    assert found[CPU].verdict == "more"
    assert found[CPU].ratio == pytest.approx(6 / 5)


def test_few_rounds_have_no_verdict() -> None:
    """But a ratio and an interval."""
    (rate, *_) = changes(run(cell(TIGHT)), run(cell(TIGHT[:3])))
    assert (rate.verdict, rate.rounds) == (None, 3)
    assert rate.ci95 is not None


def test_latency_is_compared_in_open_loads_only() -> None:
    """In closed ones it is clients ÷ throughput."""
    opened = [trial_of(n, 50.0, latency_ms=latency_of(10.0 + n / 100)) for n in range(1, 6)]
    found = {one.metric for one in changes(*[run(cell([], trials=opened, load=Open(50.0).describe()))] * 2)}
    assert MEDIAN_LATENCY in found
    assert THROUGHPUT not in found
    assert not any(one.metric.kind == "latency" for one in changes(run(cell(TIGHT)), run(cell(TIGHT))))


def test_a_metric_that_a_trial_does_not_have_is_not_compared() -> None:
    """A mean of the others would be of other rounds."""
    trials = [trial_of(1), trial_of(2, cpu_s_per_1000=None)]
    found = {one.metric for one in changes(run(cell([], trials=trials)), run(cell([], trials=trials)))}
    assert CPU not in found


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cpus": 4}, "CPUs: 2 in the base, 4 in the new run"),
        ({"python": "3.13.1"}, "Python: 3.11 in the base, 3.13 in the new run"),
        ({"packages": {"celery": "5.8.0"}}, "celery: 5.7.0 in the base, 5.8.0 in the new run"),
        ({"memory_mb": 16000.0}, "memory: 8,000 MB in the base, 16,000 MB in the new run"),
    ],
)
def test_unlike_environments_are_told(changed: dict[str, Any], said: str) -> None:
    """What else may be the cause."""
    assert unlike(run(cell(TIGHT)), run(cell(TIGHT), **changed)) == [said]


def test_what_differs_at_every_run_is_not_unlike() -> None:
    """A patch release of Python, the boot, the load before, the revision, a little memory."""
    other = run(cell(TIGHT), python="3.11.9", boot_id="z", load_average=1.0, git="abc", memory_mb=8010.0)
    assert unlike(run(cell(TIGHT)), other) == []


def test_unlike_plans_and_settings_are_told() -> None:
    """Cells of one run alone, windows of another length, settings that workers report."""
    base, more = run(cell(TIGHT)), run(cell(TIGHT), cell(TIGHT, "celery-solo", side="celery", slots=1))
    assert unlike(base, more) == ["plan: only the new run has sleep celery-solo:1 closed:32"]
    assert only_in_one(base, more) == ([], ["sleep celery-solo:1 closed:32"])
    longer = run(cell([], trials=[trial_of(n, seconds=5.0) for n in (1, 2)]))
    assert unlike(base, longer) == ["plan: windows of 1 s in the base, of 5 s in the new run"]
    late = cell(TIGHT)
    late = msgspec.structs.replace(
        late, settings=msgspec.structs.replace(late.settings, effective={"slots": 16, "acks_late": True})
    )
    assert unlike(base, run(late)) == ["asyncio:16: acks_late is None in the base, True in the new run"]


def test_the_floor_is_not_compared() -> None:
    """It is measured for the other rows' sake."""
    floor = cell(TIGHT, views=["floor"])
    assert list(changes(run(floor), run(floor))) == []
