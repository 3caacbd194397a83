"""Figures over whatever number a plan varies."""

from typing import Any

import pytest

from harness.loads.closed import Closed
from harness.loads.open import Open
from harness.model import Cell, Side
from harness.report import build
from harness.scaling import crossings, scalings
from tests.builders import cell_of, results_of, summarised

SIDES: dict[str, Side] = {"asyncio": "asyncio", "celery-threads": "celery", "celery-solo": "celery"}


def cell(contender: str = "asyncio", rate: float = 100.0, **changes: Any) -> Cell:
    """A cell with its summary."""
    name = f"{contender} {changes}"
    return summarised(cell_of(contender, [rate], side=SIDES[contender], id=name, **changes))


def test_slots_that_vary_make_one_line_a_contender() -> None:
    """In their order, whatever the plan's; a contender with a single number of slots makes none."""
    cells = [cell(slots=8), cell(slots=2), cell("celery-threads", slots=2), cell("celery-threads", slots=8)]
    (one,) = scalings([*cells, cell("celery-solo", slots=1)])
    assert (one.name, one.unit, one.values) == ("slots", "", [2, 8])
    assert [(line.contender, list(line.cells)) for line in one.lines] == [
        ("asyncio", [2, 8]),
        ("celery-threads", [2, 8]),
    ]
    assert one.fixed == "sleep (seconds=0.05), closed:32"


@pytest.mark.parametrize(
    ("changes", "name", "unit", "values"),
    [
        ([{"load": Closed(n).describe()} for n in (1, 64)], "clients", "", [1, 64]),
        ([{"load": Open(rate).describe()} for rate in (20.0, 10.0)], "rate", "/s", [10, 20]),
        ([{"params": {"latency_ms": ms, "client": "a"}} for ms in (1.0, 50.0)], "latency", "ms", [1, 50]),
        ([{"params": {"seconds": s}} for s in (0.1, 1.0)], "time", "s", [0.1, 1]),
    ],
)
def test_any_number_of_a_load_or_a_workload_is_found(
    changes: list[dict[str, Any]], name: str, unit: str, values: list[float]
) -> None:
    """Nothing is named: what a later workload or load varies shows up too."""
    (one,) = scalings([cell(**change) for change in changes])
    assert (one.name, one.unit, one.values) == (name, unit, values)


def test_lines_are_of_what_is_equal_otherwise() -> None:
    """Two numbers that vary make a set of lines for each value of the other; texts are kept apart."""
    cells = [
        cell(slots=slots, params={"client": client, "n": n}) for slots in (1, 2) for client in "ab" for n in (5, 6)
    ]
    found = list(scalings(cells))
    assert sorted((one.name, one.fixed) for one in found) == sorted(
        [("slots", f"sleep (client={c}, n={n}), closed:32") for c in "ab" for n in (5, 6)]
        + [("n", f"sleep (client={c}), closed:32, {s} slots") for c in "ab" for s in (1, 2)]
    )


def test_sides_that_change_places_cross_once() -> None:
    """Where straight lines on log scales meet; contenders of one side are not compared."""
    points = {
        "asyncio": {1.0: 10.0, 4.0: 40.0, 16.0: 40.0},
        "celery-threads": {1.0: 5.0, 4.0: 20.0, 16.0: 80.0},
        "celery-solo": {1.0: 1.0, 4.0: 100.0, 16.0: 1.0},
    }
    found = [one for one in crossings(points, SIDES) if "celery-threads" in (one.first, one.second)]
    assert [(one.first, one.second, one.low, one.high) for one in found] == [("asyncio", "celery-threads", 4, 16)]
    assert found[0].at == pytest.approx(8.0)
    assert found[0].y == pytest.approx(40.0)
    assert len(list(crossings(points, SIDES))) == 3


def test_a_crossover_is_told_under_its_table() -> None:
    """With the values between which it lies, because more is not known."""
    rates = {"asyncio": {2: 80.0, 8: 40.0}, "celery-threads": {2: 40.0, 8: 80.0}}
    cells = [cell(name, rate, slots=slots) for name, line in rates.items() for slots, rate in line.items()]
    table = next(one for one in build(results_of(cells)).tables if one.key == "scaling-throughput")
    assert [row.values for row in table.rows] == [
        {"x": 2, "asyncio": pytest.approx(80.0), "celery-threads": pytest.approx(40.0)},
        {"x": 8, "asyncio": pytest.approx(40.0), "celery-threads": pytest.approx(80.0)},
    ]
    (note,) = table.notes
    assert note.text == "celery-threads overtakes asyncio between 2 and 8 of slots: straight lines meet at about 4.0."
