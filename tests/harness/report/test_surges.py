"""What a surge left behind, as a table: recovered after how long, and in how many trials it did not."""

from harness.loads.load import parse_load
from harness.report.tables.surges import tables
from harness.results.model import Cell, Surge
from tests.builders import cell_of, trial_of, view_of


def cell(*recovered_s: float | None) -> Cell:
    """A cell of as many trials."""
    seen = [
        Surge(
            peak=100 + number,
            recovered_s=after,
            watched_s=80.0,
            memory_before_mb={"driver": 40.0 + number, "broker": 9.0},
            memory_peak_mb={"driver": 150.0 + number},
        )
        for number, after in enumerate(recovered_s)
    ]
    trials = [trial_of(number, surge=surge) for number, surge in enumerate(seen, start=1)]
    return cell_of(load=parse_load("surge:50/s*4", "").describe(), trials=trials)


def test_a_row_has_the_mean_and_says_in_which_trials_it_did_not_recover() -> None:
    """The highest peak of all."""
    (table,) = tables([[cell(4.0, 5.0)], [cell(4.0, None)], [cell(None)], [cell(None, None)]], view_of())
    recovered = [row.values["recovered"] for row in table.rows]
    assert recovered == [
        "4.50 s",
        "4.00 s; not in 1 of 2 trials within 80.0 s",
        "not within 80.0 s",
        "not within 80.0 s, in none of 2 trials",
    ]
    assert [row.values["peak"] for row in table.rows] == [101, 101, 100, 101]
    memory = [[row.values[role] for role in ("driver", "broker")] for row in table.rows]
    assert memory == [["40.5 → 150", "–"], ["40.5 → 150", "–"], ["40.0 → 150", "–"], ["40.5 → 150", "–"]]


def test_other_loads_have_no_such_table() -> None:
    """Nor has a view of them."""
    assert list(tables([[cell_of(rates=[1.0])]], view_of())) == []
