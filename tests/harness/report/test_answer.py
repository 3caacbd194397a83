"""The answer in words: who was faster, by how much, at what cost."""

from typing import Any

import msgspec
import pytest

from harness.accounting.summary import Floor
from harness.loads.open import Open
from harness.report.answers.figures import carried, figures
from harness.report.report import build
from harness.results.model import Cell, HighestRate, LoopLag, Results
from harness.statistics.comparisons import comparisons
from harness.statistics.doubts import of_growth
from harness.statistics.load_doubts import of_loop
from tests.builders import cell_of, latency_of, results_of, summarised, trial_of, view_of
from tests.ladders import effect_of, ladder_results_of


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


def opened(contender: str, middle_ms: float, **changes: Any) -> Cell:
    """A cell of an open load with that median latency, within half a percent."""
    trials = [trial_of(n, 50.0, latency_ms=latency_of(middle_ms * (1 + n / 1000))) for n in range(1, 6)]
    return cell(contender, [], load=Open(50.0).describe(), trials=trials, **changes)


def test_the_answer_names_side_factor_interval_and_cost() -> None:
    """In words, per workload and view."""
    (answer,) = build(pair(5)).answer
    for words in ("sleep", "asyncio:16 was faster", "celery-threads:16", "2.00 times", "95 % interval", "CPU", "MB"):
        assert words in answer
    assert "indicative" not in answer


def blocked(contender: str, share: float) -> Cell:
    """A row whose event loop was held for that share of the window."""
    lag = LoopLag(p50=1.0, p99=826.0, max=900.0)
    loop = {"loop_lag_ms": lag, "loop_blocked": share, "loop_busy": share}
    trials = [trial_of(n, rate, doubts=of_loop(share, share, lag, False), **loop) for n, rate in enumerate(FIVE, 1)]
    return cell(contender, [], trials=trials)


def test_the_answer_says_of_a_blocked_event_loop_that_it_is_one() -> None:
    """In the sentence that ranks it, with the share; beside the row in a column, and under the table as a doubt."""
    faster = cell("celery-threads", [9 * rate for rate in FIVE], side="celery")
    report = build(run_of(blocked("asyncio", 0.98), faster))
    (answer,) = report.answer
    assert "The event loop of asyncio:16 was blocked for 98 % of the window (loop-blocked)" in answer
    table = report.tables[0]
    assert [row.values["blocked"] for row in table.rows] == [pytest.approx(98.0), None]
    assert "loop blocked %" in [column.heading for column in table.columns]
    assert any(note.text.startswith("Doubt, loop-blocked (asyncio:16)") for note in table.notes)
    said = carried([blocked("asyncio", share) for share in (0.17, 0.19, 0.18)])
    assert said.count("was blocked for 17 to 19 % of the window") == said.count("was blocked") == 1


def test_a_loop_that_was_not_blocked_has_its_lag_in_the_table_and_nothing_else() -> None:
    """The column stands wherever a driver's loop was watched."""
    report = build(run_of(blocked("asyncio", 0.01), cell("celery-threads", FIVE, side="celery")))
    headings = [column.heading for column in report.tables[0].columns]
    assert "loop lag ms" in headings
    assert "loop blocked %" not in headings
    assert not any("loop" in answer for answer in report.answer)
    assert any(line.startswith("Loop lag") for line in report.reading)


NOISY = [200.0, 260.0, 160.0, 230.0, 180.0]


def test_what_the_interval_leaves_open_is_undecided() -> None:
    """With ratio and interval; no difference is said of equal ones only, and of an older document that said so."""
    results = run_of(cell("asyncio", FIVE), cell("celery-threads", NOISY, side="celery"))
    (answer,) = build(results).answer
    assert "undecided in throughput between asyncio:16 and the fastest Celery contender" in answer
    assert "ratio 0.99 (95 % interval 0.7" in answer
    (equal,) = build(run_of(cell("asyncio", FIVE), cell("celery-threads", FIVE[::-1], side="celery"))).answer
    assert "no difference in throughput between" in equal
    older = [msgspec.structs.replace(one, verdict="no difference", boots=1) for one in results.comparisons]
    (kept,) = build(msgspec.structs.replace(results, comparisons=older)).answer
    assert "no difference in throughput between" in kept
    assert "indicative" not in kept


@pytest.mark.parametrize(
    ("rate", "lost", "said"),
    [
        (0.46, 0, "asyncio:16 0.46 requests/s"),
        (1234.0, 0, "asyncio:16 1,234 requests/s"),
        (20.0, 60, "asyncio:16: 40 of 100 requests were answered"),
    ],
)
def test_a_low_rate_is_not_none_and_what_lost_requests_has_no_rate(rate: float, lost: int, said: str) -> None:
    """As in the tables."""
    trial = trial_of(1, rate, submitted=100, ok=100 - lost, lost=lost)
    row = msgspec.structs.replace(cell("asyncio", [], trials=[trial]), ceiling_per_s=None)
    assert row.summary is not None
    assert (
        figures(msgspec.structs.replace(row, summary=msgspec.structs.replace(row.summary, percent_of_ceiling=None)))
        == said
    )


def test_of_a_single_boot_an_answer_is_indicative() -> None:
    """It names the faster one, and that there was one boot."""
    pairs = [("asyncio", "asyncio", 1.0), ("celery-threads", "celery", 0.5)]
    cells = [
        cell(name, [], side=side, trials=[trial_of(n, rate * part, boot=0) for n, rate in enumerate(FIVE, start=1)])
        for name, side, part in pairs
    ]
    (answer,) = build(run_of(*cells)).answer
    assert "asyncio:16 was faster than" in answer
    assert "; indicative, 1 boot)" in answer


def test_the_answer_of_an_open_load_is_its_latency() -> None:
    """At the rate that both sustain; the ceiling of a rate that was chosen says nothing."""
    results = run_of(opened("asyncio", 50.0), opened("celery-threads", 55.0, side="celery"))
    (answer,) = build(results).answer
    assert "asyncio:16 was faster than the fastest Celery contender, celery-threads:16" in answer
    assert "1.10 times as fast in median latency at open:50/s" in answer
    assert [row.values["ceiling"] for row in build(results).tables[0].rows] == [None, None]
    assert [row.values["mark"] for row in build(results).tables[0].rows] == ["★", ""]


def test_the_answer_names_the_rate_that_was_not_sustained() -> None:
    """And compares no latency with it."""
    late = opened("celery-threads", 900.0, side="celery")
    flooded = [msgspec.structs.replace(trial, doubts=of_growth(True, 50.0, 40.0)) for trial in late.trials]
    late = summarised(msgspec.structs.replace(late, trials=flooded))
    answer = build(run_of(opened("asyncio", 50.0), late)).answer
    assert answer == ["sleep, matched slots: celery-threads:16 did not sustain open:50/s; it served 50/s."]


def test_the_answer_does_not_name_parameters_for_the_floors_sake() -> None:
    """The floor's cells have parameters of their own, and no sentence."""
    backlog = cell("celery-threads", FIVE, side="celery", params={"seconds": 0.1}, views=["floor"])
    shown = run_of(cell("asyncio", FIVE), cell("celery-threads", FIVE, side="celery"), backlog)
    assert [line.partition(",")[0] for line in build(shown).answer] == ["sleep"]


def test_the_answer_of_a_ladder_sorts_its_rungs() -> None:
    """By what they did to speed; and says where there was nothing to put together."""
    effects = [
        effect_of("batch", "publish_per_s", "faster", 2.0),
        effect_of("events", "throughput_per_s", "slower", 0.7),
        effect_of("msgpack", "throughput_per_s", "no difference", 1.0),
        effect_of("no-ack-emulation", "throughput_per_s", "faster", 1.1),
    ]
    answer = build(ladder_results_of(*effects, unsafe=("no-ack-emulation",))).answer
    assert answer == [
        "Made it faster: batch: publish rate 2.00 times as fast. "
        "no-ack-emulation (UNSAFE): throughput 1.10 times as fast.",
        "Made it slower: events: throughput 1.43 times as slow.",
        "No difference in speed: msgpack.",
        "No two safe changes to the ladder's own base that made it faster can be combined.",
    ]


def test_rungs_that_are_undecided_are_named_with_what_was_seen() -> None:
    """They are not called equal: ratio and interval stand beside the name."""
    effects = [
        effect_of("hiredis", "throughput_per_s", "undecided", 1.08),
        effect_of("hiredis", "memory_mb", "no difference", 1.0),
        effect_of("msgpack", "throughput_per_s", "no difference", 1.0),
    ]
    assert build(ladder_results_of(*effects)).answer == [
        "No difference in speed: msgpack.",
        "Undecided in speed: hiredis (throughput 1.08 times as fast, 95 % interval 1.08 to 1.08).",
        "No two safe changes to the ladder's own base that made it faster can be combined.",
    ]


def test_rungs_of_too_few_rounds_are_named_as_such() -> None:
    """They are not called equal."""
    effects = [
        effect_of("batch", "throughput_per_s", None, 2.4),
        effect_of("msgpack", "throughput_per_s", "no difference", 1),
    ]
    assert build(ladder_results_of(*effects)).answer == [
        "No difference in speed: msgpack.",
        "Too few rounds or boots to say: batch.",
    ]


def search_of(**changes: Any) -> HighestRate:
    """A search that has found 120/s."""
    search = HighestRate(
        limit="p99<250ms",
        status="confirmed",
        rate_per_s=120.0,
        failed_per_s=125.0,
        why="p99 was 300 ms",
        limited_by="slots",
        probes=[],
    )
    return msgspec.structs.replace(search, **changes)


def test_the_answer_of_a_search_is_the_highest_rate_and_what_limited_it() -> None:
    """With the rounds that confirmed it, what was served, and the rate that did not hold."""
    (answer,) = build(results_of([cell("asyncio", FIVE, highest_rate=search_of())])).answer
    assert answer.startswith(
        "sleep, matched slots: asyncio:16 holds p99<250ms up to 120/s, confirmed in 5 rounds, serving"
    )
    assert answer.endswith("/s (95 % interval); 125/s did not hold, limited by slots.")


def test_the_answer_of_a_search_without_a_rate_is_why() -> None:
    """Whether it found none, or did not finish."""
    for status, outcome in (("not_found", "no rate was found"), ("searching", "the search did not finish")):
        search = search_of(status=status, rate_per_s=None)
        (answer,) = build(results_of([cell("asyncio", FIVE, highest_rate=search)])).answer
        assert answer == f"sleep, matched slots: asyncio:16: {outcome} for p99<250ms: p99 was 300 ms."
