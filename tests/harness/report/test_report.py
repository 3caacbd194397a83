"""The report: one definition, the same number in every format."""

import sys
from typing import Any

import msgspec
import pytest

from harness import registry
from harness.accounting.summary import Floor
from harness.loads.burst import Burst
from harness.loads.drain import Drain
from harness.loads.open import Open
from harness.report.report import build
from harness.report.table import Table, number, spread_text
from harness.results.model import Cell, Failure, Results, ShardUsage, Usages, Worker
from harness.statistics.comparisons import comparisons
from harness.statistics.doubts import of_growth
from tests.builders import cell_of, latency_of, results_of, stages_of, summarised, trial_of, usage_of, view_of


def cell(contender: str, rates: list[float], floor: Floor | None = None, **changes: Any) -> Cell:
    """A cell with its summary."""
    return summarised(cell_of(contender, rates, id=contender, **changes), floor)


def run_of(*cells: Cell) -> Results:
    """A document of those cells, compared."""
    return results_of(list(cells), comparisons=comparisons(list(cells), [view_of()]))


FIVE = [200.0, 202.0, 198.0, 201.0, 199.0]


def pair(rounds: int) -> Results:
    """Asyncio at twice the rate of celery-threads."""
    slower = [rate / 2 for rate in FIVE[:rounds]]
    return run_of(cell("asyncio", FIVE[:rounds]), cell("celery-threads", slower, side="celery"))


def notes_of(table: Table) -> list[str]:
    """What stands under it."""
    return [note.text for note in table.notes]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1234567.0, 4, "1,235,000"), (12.345, 3, "12.3"), (0.0123456, 3, "0.0123"), (0.99999, 3, "1.00"), (0, 3, "0")],
)
def test_numbers_are_written_to_significant_digits(value: float, digits: int, text: str) -> None:
    """Never in exponents."""
    assert number(value, digits) == text


def test_the_largest_number_is_written() -> None:
    """Rounded to three digits, it would be infinite; what follows from it, is."""
    assert number(sys.float_info.max, 3).startswith("179,769,313")
    assert number(-10 * sys.float_info.max, 3) == "-∞"


def test_no_number_is_a_negative_zero() -> None:
    """What is rounded to nothing has no sign."""
    assert [number(value, 3, 1) for value in (-0.04, -0.06, 0.04)] == ["0.0", "-0.1", "0.0"]


def test_a_spread_is_a_share_of_its_mean_and_a_wide_one_its_ends() -> None:
    """`×÷4.1` would have to be worked out; what has no mean above 0 has none."""
    assert spread_text(270.4, (65.9, 1_109.0)) == "(66–1,100)"
    assert spread_text(100.0, (98.0, 102.0)) == "±2.0 %"
    assert spread_text(100.0, (99.95, 100.04)) == "±0.1 %"
    assert [spread_text(100.0, ends) for ends in ((100.0, 100.0), (99.99, 100.01))] == ["±<0.1 %", "±<0.1 %"]
    assert spread_text(100.0, None) is None


def test_few_rounds_are_called_indicative() -> None:
    """In the answer, and as a doubt under the table."""
    report = build(pair(3))
    assert "indicative, 3 rounds" in report.answer[0]
    assert any("too-few-rounds" in note for note in notes_of(report.tables[0]))


def test_the_best_is_marked_only_by_what_may_be_ranked() -> None:
    """★ with a verdict, ☆ without; nothing where intervals overlap or nothing is matched."""
    marks = [[row.values["mark"] for row in build(pair(n)).tables[0].rows] for n in (5, 3)]
    assert marks == [["★", ""], ["☆", ""]]
    equal = run_of(cell("asyncio", FIVE), cell("celery-threads", FIVE[::-1], side="celery"))
    assert [row.values["mark"] for row in build(equal).tables[0].rows] == ["", ""]


def test_of_several_rows_it_is_said_that_they_are_judged_together() -> None:
    """With the procedure's source; two rows are one comparison, and unmatched ones none."""
    rows = [cell("asyncio", FIVE), *(cell(name, FIVE, side="celery") for name in ("celery-threads", "celery-solo"))]
    said = (
        "Rows are judged together, each metric by itself: among equal rows, the chance of any ★ or verdict is at most"
    )
    assert any(line.startswith(said) and "Holm 1979" in line for line in build(run_of(*rows)).reading)
    assert not any(line.startswith(said) for line in build(run_of(*rows[:2])).reading)


def test_disturbed_trials_count_for_nothing_and_are_counted_under_the_table() -> None:
    """In no interval, no verdict and no sum of requests."""
    usual = cell("asyncio", FIVE)
    disturbed = trial_of(6, 20.0, status="disturbed")
    rows = [
        cell("asyncio", [], trials=[*usual.trials, disturbed, disturbed]),
        cell("celery-threads", FIVE, side="celery"),
    ]
    found, without = build(run_of(*rows)), build(run_of(usual, rows[1]))
    assert found.answer == without.answer
    assert [row.values for row in found.tables[0].rows] == [row.values for row in without.tables[0].rows]
    (note,) = [note for note in notes_of(found.tables[0]) if note.startswith("Disturbed")]
    assert "2 trials (asyncio:16 2)" in note
    assert not any(note.startswith("Disturbed") for note in notes_of(without.tables[0]))


def test_markdown_escapes_what_results_say() -> None:
    """A contender with markup in its name shows as text."""
    results = run_of(cell("<script>|*x*", FIVE))
    text = registry.load("format", "markdown").render(results)
    assert "<script>" not in text
    assert "\\<script\\>\\|\\*x\\*" in text


def test_a_disqualified_cell_is_shown_with_its_reason() -> None:
    """And without figures."""
    bad = cell_of("celery-threads", side="celery", status="disqualified", reason="a reply was wrong: 42", trials=[])
    report = build(run_of(cell("asyncio", FIVE), bad))
    assert report.tables[0].rows[1].values["bottleneck"] == "disqualified"
    assert any("a reply was wrong: 42" in note for note in notes_of(report.tables[0]))
    assert any("no figures for celery-threads:16 (disqualified)" in line for line in report.answer)


def test_the_floor_and_the_slot_overhead_stand_under_the_table() -> None:
    """For each contender that has them."""
    floor = Floor(latency_ms=4.0, slot_overhead_ms=2.5)
    notes = notes_of(build(run_of(cell("asyncio", FIVE), cell("celery-threads", FIVE, floor, side="celery"))).tables[0])
    assert "Floor, a no-op alone: celery-threads:16 4.00 ms." in notes
    assert any(note.startswith("Slot overhead") and note.endswith("celery-threads:16 2.50 ms.") for note in notes)


def test_several_workers_of_a_contender_are_told() -> None:
    """With how many hosts they are on; a single one is nothing to tell."""
    workers = [Worker(name=f"{n}@h{n % 2}", host=f"h{n % 2}", cpus=2, boot_id="b") for n in range(4)]
    notes = notes_of(build(run_of(cell("celery-prefork", FIVE, side="celery", workers=workers))).tables[0])
    assert "celery-prefork:16: 4 workers on 2 hosts share the slots." in notes
    alone = notes_of(build(run_of(cell("celery-prefork", FIVE, side="celery", workers=workers[:1]))).tables[0])
    assert not any("share the slots" in note for note in alone)


def test_brokers_that_share_the_requests_are_told_with_what_each_did() -> None:
    """Over all trials; a broker that has all of them is nothing to tell."""
    shards = [ShardUsage(cpu_s=0.5, seconds=2.0, count=2400), ShardUsage(cpu_s=0.1, seconds=2.0, count=None)]
    usage = Usages(broker=usage_of(0.3, shards=shards))
    sharded = cell("celery-prefork", FIVE, side="celery")
    trials = [msgspec.structs.replace(trial, usage=usage) for trial in sharded.trials]
    notes = notes_of(build(run_of(msgspec.structs.replace(sharded, trials=trials))).tables[0])
    assert (
        "celery-prefork:16: 2 brokers share the requests: shard 1 25.0 % of a core, 1,200 commands or messages/s; "
        "shard 2 5.0 % of a core."
    ) in notes
    assert not any("brokers share" in note for note in notes_of(build(run_of(sharded)).tables[0]))


def drained(contender: str, producer: str | None, **changes: Any) -> Cell:
    """A drain with a publish rate."""
    trials = [trial_of(n, 100.0, publish_per_s=900.0) for n in range(1, 6)]
    side = changes.pop("side", "celery")
    return cell(contender, [], side=side, load=Drain(60).describe(), trials=trials, producer=producer, **changes)


def test_a_publish_rate_is_named_with_the_producer_that_made_it() -> None:
    """And under the table stands what the lean one is, and that rows with another one differ by it."""
    lean, usual = drained("celery-prefork", "lean"), drained("celery-threads", "apply_async")
    inside = drained("asyncio", None, side="asyncio")
    both = build(run_of(lean, usual, inside)).tables[0]
    assert [row.values.get("producer") for row in both.rows] == ["lean", "apply_async", None]
    (note,) = [note for note in notes_of(both) if note.startswith("Lean producer")]
    assert "(celery-prefork:16)" in note
    assert "what the workers can do" in note
    assert any(note.startswith("These rows were published in different ways") for note in notes_of(both))
    alone = notes_of(build(run_of(lean, inside)).tables[0])
    assert any(note.startswith("Lean producer (all Celery rows)") for note in alone)
    assert not any("different ways" in note for note in alone)
    assert not any("Lean producer" in note for note in notes_of(build(run_of(usual, inside)).tables[0]))


def test_a_closed_load_says_under_the_table_which_rows_are_lean() -> None:
    """Their names have it; nothing was published apart, so that there is no column."""
    rows = [
        cell("celery-prefork", FIVE, side="celery", producer="apply_async"),
        summarised(cell_of("celery-prefork", FIVE, id="l", side="celery", tuning=["lean-producer"], producer="lean")),
    ]
    table = build(run_of(*rows)).tables[0]
    assert "producer" not in [column.key for column in table.columns]
    assert any(note.startswith("Lean producer (celery-prefork+lean-producer:16)") for note in notes_of(table))


def test_a_doubt_with_different_texts_stands_for_each() -> None:
    """One rate is not written for another."""
    flooded = [
        cell(
            name,
            [],
            side=side,
            load=Open(50.0).describe(),
            trials=[trial_of(n, 40.0, doubts=of_growth(True, 50.0, served)) for n in range(1, 6)],
        )
        for name, side, served in (("asyncio", "asyncio", 40.0), ("celery-threads", "celery", 30.0))
    ]
    notes = notes_of(build(run_of(*flooded)).tables[0])
    for name, served in (("asyncio:16", 40), ("celery-threads:16", 30)):
        assert any(f"unsustainable ({name})" in note and f"{served}/s was sustained" in note for note in notes)


def test_columns_that_hold_nothing_are_left_out() -> None:
    """A closed load has no makespan and no uncorrected latency; a burst has the one, an open load the other."""
    burst, opened = Burst(100).describe(), Open(50.0).describe()
    makespan: dict[str, float | None] = {"p50": 100.0, "p90": 180.0, "p99": 198.0, "all": 200.0}
    bursts = [trial_of(n, makespan_ms=makespan) for n in (1, 2, 3)]
    tables = {
        kind: [column.key for column in build(run_of(one)).tables[0].columns]
        for kind, one in {
            "closed": cell("asyncio", FIVE),
            "burst": cell("asyncio", [], load=burst, trials=bursts),
            "open": cell("asyncio", FIVE, load=opened),
        }.items()
    }
    assert {"half", "nearly", "all"} & set(tables["closed"]) == set()
    assert {"half", "nearly", "all"} <= set(tables["burst"])
    assert "uncorrected" in tables["open"]
    assert "uncorrected" not in tables["closed"] + tables["burst"]


def test_the_figures_of_a_burst_at_first_sight_can_be_compared() -> None:
    """Means over trials, all of them: beside the mean of `all done`, the p99 of all requests may be the longer one."""
    spans: list[dict[str, float | None]] = [{"p50": ms / 2, "p90": ms, "p99": ms, "all": ms} for ms in (100.0, 900.0)]
    bursts = [trial_of(n, makespan_ms=span) for n, span in enumerate(spans, start=1)]
    report = build(run_of(cell("asyncio", [], load=Burst(100).describe(), trials=bursts)))
    brief = [column.key for column in report.tables[0].brief]
    assert {"half", "nearly", "all"} <= set(brief)
    assert not {"p50", "p90", "p99"} & set(brief)
    assert [(tile.title, tile.figures[0].text) for tile in report.first.tiles][1] == ("all done, mean", "300 ms")
    assert any(line.startswith("Half, 99 % and all done: geometric means") for line in report.reading)


def test_where_the_time_goes_is_a_table_of_its_own() -> None:
    """The mean of each stage, beside the mean latency; in documents, not in the terminal."""
    trials = [trial_of(n, stages_ms=stages_of(8.0)) for n in (1, 2, 3)]
    results = run_of(cell("asyncio", [], trials=trials))
    table = build(results).tables[1]
    assert table.detail
    assert table.rows[0].values["execution"] == 8.0
    assert table.rows[0].values["mean"] == 10.0
    assert "Where the time goes" in registry.load("format", "markdown").render(results)
    assert "Where the time goes" not in registry.load("format", "terminal").render(results)


def opened(contender: str, middle_ms: float, **changes: Any) -> Cell:
    """A cell of an open load with that median latency, within half a percent."""
    trials = [trial_of(n, 50.0, latency_ms=latency_of(middle_ms * (1 + n / 1000))) for n in range(1, 6)]
    return cell(contender, [], load=Open(50.0).describe(), trials=trials, **changes)


def test_what_only_some_loads_need_is_read_only_with_them() -> None:
    """A run of open loads says nothing of closed ones."""
    closed, open_ = build(pair(5)).reading, build(run_of(opened("asyncio", 50.0))).reading
    assert any("closed load" in line for line in closed)
    assert not any("closed load" in line for line in open_)
    assert any("open load" in line for line in open_)


def test_what_does_not_reach_a_row_is_said_beside_it() -> None:
    """In the heading where it reaches none, and under the table with the rows that it concerns."""
    params = {"latency_ms": 50.0, "connections": 2}
    why = {"latency_ms": "not sent: another service"}
    more = why | {"connections": "asyncio only"}
    rows = [
        cell_of("asyncio", [100.0], params=params, not_in_effect=why),
        cell_of("celery-threads", [100.0], side="celery", params=params, not_in_effect=more),
    ]
    report = build(results_of(rows))
    assert "(latency_ms: not sent, connections=2)" in report.sections[0].title
    notes = [note.text for note in report.sections[0].tables[0].notes]
    assert "Not in effect, asyncio:16, celery-threads:16: latency_ms=50.0 (not sent: another service)." in notes
    assert "Not in effect, celery-threads:16: connections=2 (asyncio only)." in notes


def test_where_requests_were_lost_there_is_no_rate_but_how_many_were_answered() -> None:
    """122 of 1,500: those that came through are not what was asked for."""
    lost = [msgspec.structs.replace(trial_of(number, 603.0), submitted=1500, ok=122, lost=1378) for number in (1, 2)]
    table = build(run_of(cell("celery-threads", [], trials=lost, side="celery"))).sections[0].tables[0]
    row = table.rows[0].values
    assert (row["throughput"], row["ceiling"]) == (None, None)
    assert row["interval"] == "244 of 3,000 answered"
    few = [msgspec.structs.replace(trial_of(number, 603.0), submitted=1500, ok=1499, lost=1) for number in (1, 2)]
    table = build(run_of(cell("celery-threads", [], trials=few, side="celery"))).sections[0].tables[0]
    assert table.rows[0].values["throughput"] == pytest.approx(603)


@pytest.mark.parametrize("kind", ["Refused", "TaskRevokedError", "MessageNacked"])
def test_where_requests_were_refused_there_is_no_rate_but_how_many_were_answered(kind: str) -> None:
    """What a limit keeps out is no throughput."""
    failures = [Failure(kind=kind, count=578, example=f"{kind}: 64 requests are under way")]
    refused = msgspec.structs.replace(trial_of(1, 603.0), submitted=1500, ok=900, failed=600, failures=failures)
    row = build(run_of(cell("asyncio", [], trials=[refused]))).sections[0].tables[0].rows[0].values
    assert (row["throughput"], row["failed"]) == (None, 600)
    assert row["interval"] == "900 of 1,500 answered, 578 refused or expired"


@pytest.mark.parametrize(("failed", "rate"), [(150, pytest.approx(603)), (151, None)])
def test_where_more_than_a_tenth_failed_there_is_no_rate(failed: int, rate: object) -> None:
    """Work that fails now and then has been tried; a service that has gone is no work."""
    failures = [Failure(kind="StatusError", count=failed, example="StatusError: 503")]
    trial = msgspec.structs.replace(
        trial_of(1, 603.0), submitted=1500, ok=1500 - failed, failed=failed, failures=failures
    )
    row = build(run_of(cell("asyncio", [], trials=[trial]))).sections[0].tables[0].rows[0].values
    assert row["throughput"] == rate
