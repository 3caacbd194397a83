"""Figures over whatever number a plan varies."""

from typing import Any

import pytest

from harness.loads.closed import Closed
from harness.loads.open import Open
from harness.registry import load, names, title_of
from harness.report.report import build
from harness.results.model import Cell, Matched, Scaling, Side
from harness.statistics.doubts import of_growth
from harness.statistics.sweeps import SWEEP_LEAST, is_sweep, lines_of, scalings
from tests.builders import cell_of, document_of, latency_of, results_of, summarised, trial_of, view_of

SIDES: dict[str, Side] = {"asyncio": "asyncio", "celery-threads": "celery", "celery-solo": "celery"}


def cell(contender: str = "asyncio", rate: float = 100.0, **changes: Any) -> Cell:
    """A cell with its summary."""
    name = f"{contender} {changes}"
    return summarised(cell_of(contender, [rate], side=SIDES[contender], id=name, **changes))


def test_a_parameter_is_named_by_what_its_number_is_of() -> None:
    """`20 % of cpu` would not say of what; `0.05 s of time` neither."""
    keys = [(name, key) for name in names("workload") for key in load("workload", name).Params.__struct_fields__]
    unclear = [(name, key) for name, key in keys if key.endswith("percent") or key == "seconds"]
    assert len(unclear) > 4
    assert all(title_of(*each) for each in unclear)
    (scaling, *_) = scalings(document_of("cpu").cells, document_of("cpu").run.views)
    assert (scaling.over, scaling.unit) == ("the time spent computing", "%")


def test_slots_that_vary_make_one_line_a_contender() -> None:
    """In their order, whatever the plan's; a contender with a single number of slots makes none."""
    cells = [cell(slots=8), cell(slots=2), cell("celery-threads", slots=2), cell("celery-threads", slots=8)]
    (one,) = lines_of([*cells, cell("celery-solo", slots=1)])
    assert (one.over, one.unit, one.values) == ("slots", "", [2, 8])
    assert [(name, list(line)) for name, line in one.lines.items()] == [
        ("asyncio", [2, 8]),
        ("celery-threads", [2, 8]),
    ]
    assert one.fixed == "sleep, closed:32"


@pytest.mark.parametrize(
    ("changes", "name", "unit", "values"),
    [
        ([{"load": Closed(n).describe()} for n in (1, 64)], "clients", "", [1, 64]),
        ([{"load": Open(rate).describe()} for rate in (20.0, 10.0)], "rate", "/s", [10, 20]),
        ([{"params": {"latency_ms": ms, "client": "a"}} for ms in (1.0, 50.0)], "latency", "ms", [1, 50]),
        ([{"params": {"seconds": s}} for s in (0.1, 1.0)], "waiting", "s", [0.1, 1]),
    ],
)
def test_any_number_of_a_load_or_a_workload_is_found(
    changes: list[dict[str, Any]], name: str, unit: str, values: list[float]
) -> None:
    """Nothing is named: what a later workload or load varies shows up too."""
    (one,) = lines_of([cell(**change) for change in changes])
    assert (one.over, one.unit, one.values) == (name, unit, values)


def test_lines_are_of_what_is_equal_otherwise() -> None:
    """Two numbers that vary make a set of lines for each value of the other; texts are kept apart."""
    cells = [
        cell(slots=slots, params={"client": client, "n": n}) for slots in (1, 2) for client in "ab" for n in (5, 6)
    ]
    found = list(lines_of(cells))
    assert sorted((one.over, one.fixed) for one in found) == sorted(
        [("slots", f"sleep (client={c}, n={n}), closed:32") for c in "ab" for n in (5, 6)]
        + [("n", f"sleep (client={c}), closed:32, {s} slot{'s' * (s > 1)}") for c in "ab" for s in (1, 2)]
    )


def swept(
    rates: dict[str, dict[int, float]], rounds: int = 3, matched: Matched = "slots", **changes: Any
) -> tuple[list[Cell], Scaling]:
    """Cells by contender and slots, and what their throughput comes to."""
    cells = [
        summarised(
            cell_of(
                name,
                side=SIDES[name],
                id=f"{name}{slots}",
                slots=slots,
                trials=[trial_of(number, rate * (1 + 0.01 * (number % 2))) for number in range(1, rounds + 1)],
                **changes,
            )
        )
        for name, line in rates.items()
        for slots, rate in line.items()
    ]
    (found,) = (one for one in scalings(cells, [view_of(matched)]) if one.metric == "throughput_per_s")
    return cells, found


CROSSING = {"asyncio": {2: 80.0, 8: 40.0}, "celery-threads": {2: 40.0, 8: 80.0}}


def test_sides_that_change_places_cross_once() -> None:
    """Where straight lines on log scales meet; contenders of one side are not compared."""
    lines = {
        "asyncio": {1: 10.0, 4: 40.0, 16: 40.0},
        "celery-threads": {1: 5.0, 4: 20.0, 16: 80.0},
        "celery-solo": {1: 1.0, 4: 100.0, 16: 1.0},
    }
    found = swept(lines, rounds=1)[1].crossovers
    (one,) = (one for one in found if "celery-threads" in (one.first, one.second))
    assert (one.first, one.second) == ("asyncio", "celery-threads")
    assert one.at == pytest.approx(8.0)
    assert one.y == pytest.approx(40.0, rel=0.02)
    assert one.ci95 is None
    assert len(found) == 3


def test_a_crossover_is_told_with_its_interval_under_its_table() -> None:
    """From the rounds' own ratios."""
    cells, scaling = swept(CROSSING)
    (one,) = scaling.crossovers
    assert one.ci95 is not None
    low, high = one.ci95
    assert low <= one.at <= high
    table = next(one for one in build(results_of(cells)).tables if one.key == "scaling-throughput_per_s")
    assert [row.values["x"] for row in table.rows] == [2, 8]
    (note,) = table.notes
    assert note.text == (
        "celery-threads overtakes asyncio at about 4.0 slots (95 % interval 4.0–4.0; indicative, 3 rounds)."
    )


def test_where_there_is_none_that_is_told() -> None:
    """With the range, and with the values at which there is no difference."""
    lines = {"asyncio": {2: 80.0, 8: 80.0}, "celery-threads": {2: 40.0, 8: 80.0}, "celery-solo": {2: 8.0, 8: 8.0}}
    cells, scaling = swept(lines, rounds=5)
    assert scaling.crossovers == []
    assert {(one.higher, one.lower) for one in scaling.without} == {
        ("asyncio", "celery-solo"),
        ("asyncio", "celery-threads"),
    }
    table = next(one for one in build(results_of(cells)).tables if one.key == "scaling-throughput_per_s")
    assert [note.text for note in table.notes] == [
        "No crossover in the range from 2 to 8: asyncio stays above celery-threads, with no difference at 8.",
        "No crossover in the range from 2 to 8: asyncio stays above celery-solo.",
    ]


def test_nothing_is_said_where_nothing_is_ranked() -> None:
    """A view that matches nothing has lines without crossovers; so has latency under a closed load."""
    found = swept(CROSSING, matched="none")[1]
    assert (found.crossovers, found.without) == ([], [])
    cells = swept(CROSSING)[0]
    assert [one.metric for one in scalings(cells, [view_of()]) if one.crossovers] == ["throughput_per_s"]


def test_clients_that_follow_slots_make_a_line() -> None:
    """Their load is another one at each number of slots, but as many clients per slot."""
    cells = [cell(slots=slots, load=Closed(2 * slots).describe()) for slots in (1, 8)]
    (one,) = (lines for lines in lines_of(cells) if lines.over == "slots")
    assert one.fixed == "sleep, closed, 2 clients per slot"


def test_a_view_of_many_values_is_a_sweep() -> None:
    """Its answer is in its lines: one sentence instead of one a point, whose tables are detail."""
    values = {2**n: 80.0 for n in range(SWEEP_LEAST)}
    cells, _ = swept({"asyncio": values, "celery-threads": dict.fromkeys(values, 40.0)})
    assert is_sweep(cells, view_of())
    report = build(results_of(cells))
    assert report.answer == [
        "sleep, closed:32, throughput by slots: No crossover in the range from 1 to 8: asyncio stays "
        "above celery-threads; indicative, 3 rounds."
    ]
    assert {table.key for table in report.tables if not table.detail} == {"scaling-throughput_per_s"}
    assert not is_sweep(cells[:2], view_of())


def noted(cells: list[Cell]) -> list[str]:
    """What stands under the table of throughputs."""
    tables = build(results_of(cells)).tables
    return [note.text for note in next(one for one in tables if one.key == "scaling-throughput_per_s").notes]


def test_two_that_are_equal_everywhere_are_called_so() -> None:
    """Where each interval is within ±5 %; neither is said to stay above."""
    cells, scaling = swept({"asyncio": {2: 80.0, 8: 80.0}, "celery-threads": {2: 80.0, 8: 80.0}}, rounds=5)
    (one,) = scaling.without
    assert one.unclear == []
    assert [at.ratio for at in one.ratios] == pytest.approx([1, 1])
    assert noted(cells) == ["No difference in the range from 2 to 8 between asyncio and celery-threads."]


def noisy(ratios: dict[int, float], spread: float) -> list[Cell]:
    """Asyncio at those ratios to celery-solo, by slots, with rounds a factor of `spread` to either side."""
    factors = (1.0, spread, 1 / spread, 1.0, spread, 1 / spread)
    rows = [("asyncio", slots, 100 * ratio, factors) for slots, ratio in ratios.items()]
    rows += [("celery-solo", slots, 100.0, (1.0,) * 6) for slots in ratios]
    return [
        summarised(
            cell_of(
                name,
                side=SIDES[name],
                id=f"{name}{slots}",
                slots=slots,
                trials=[trial_of(n, rate * factor) for n, factor in enumerate(each, start=1)],
            )
        )
        for name, slots, rate, each in rows
    ]


def test_where_an_interval_includes_1_it_is_undecided_and_not_none() -> None:
    """Ratios 0.62, 0.72 and 0.72 whose intervals include 1: nobody stays above, and there may be a crossover."""
    (note,) = noted(noisy({1: 0.62, 2: 0.72, 4: 0.72}, spread=2.0))
    assert note.startswith(
        "Undecided in the range from 1 to 4 whether asyncio and celery-solo change places: "
        "asyncio ÷ celery-solo is 0.62 (95 % interval 0.3"
    )
    assert note.count("95 % interval") == 3
    assert "No crossover" not in note


def test_where_some_are_undecided_it_is_said_where_one_is_ahead() -> None:
    """With the ratio at the others."""
    cells = noisy({1: 1.1, 2: 9.0, 4: 9.0}, spread=1.5)
    (note,) = noted(cells)
    assert "asyncio ÷ celery-solo is 1.10 (95 % interval 0.7" in note
    assert note.endswith("at 1; asyncio is above celery-solo at 2 and 4.")


def test_a_single_round_decides_nothing() -> None:
    """There is no interval."""
    lines = {"asyncio": {2: 80.0, 8: 80.0}, "celery-threads": {2: 40.0, 8: 40.0}}
    assert noted(swept(lines, rounds=1)[0]) == [
        "Undecided in the range from 2 to 8 whether asyncio and celery-threads change places: "
        "asyncio ÷ celery-threads is 2.00 (a single round) at 2 and 2.00 (a single round) at 8; indicative, 1 round."
    ]


def test_the_range_is_that_in_which_both_were_compared() -> None:
    """A third contender may have more."""
    lines = {"asyncio": {2: 80.0, 8: 80.0, 32: 80.0}, "celery-threads": {2: 40.0, 8: 40.0}}
    assert [one.values for one in swept(lines)[1].without] == [[2, 8]]


def test_processes_that_vary_make_a_line_and_keep_others_apart() -> None:
    """Lines over slots are of as many processes each."""
    cells = [cell(slots=slots, drivers=n, rate=n * slots * 1.0) for slots in (1, 2) for n in (1, 2)]
    found = {(one.over, one.fixed): one.values for one in lines_of(cells)}
    assert found == {
        ("slots", "sleep, closed:32"): [1, 2],
        ("slots", "sleep, 2 drivers, closed:32"): [1, 2],
        ("drivers", "sleep, closed:32, 1 slot"): [1, 2],
        ("drivers", "sleep, closed:32, 2 slots"): [1, 2],
    }


def test_the_latency_of_a_rate_that_was_not_sustained_is_no_point_of_a_line() -> None:
    """And the answer of a sweep says which was not."""
    grown = of_growth(True, 20.0, 15.0)
    cells = [
        summarised(
            cell_of(
                id=f"a{rate}",
                load=Open(rate).describe(),
                trials=[trial_of(1, latency_ms=latency_of(10.0), doubts=grown if rate == 20.0 else [])],
            )
        )
        for rate in (5.0, 10.0, 15.0, 20.0)
    ]
    found = {one.metric: one.curves[0].points for one in scalings(cells, [view_of()])}
    assert [point.x for point in found["latency_p50_ms"]] == [5, 10, 15]
    assert [point.x for point in found["throughput_per_s"]] == [5, 10, 15, 20]
    assert any("asyncio:16 did not sustain open:20/s" in line for line in build(results_of(cells)).answer)
