"""The title of a run says what its plan is about: a setting tried with several numbers, a figure of the work's own."""

from typing import Any

import msgspec
import pytest

from harness.loads.open import Open
from harness.plan.reading import load_plan
from harness.report.first.headline import of_rows, of_several
from harness.report.first.of_run import first_screen
from harness.report.first.screen import Effect, FirstScreen, OverviewRow, Party
from harness.results.model import Cell, Doubt
from harness.statistics.comparisons import comparisons
from tests.builders import cell_of, document_of, results_of, summarised, trial_of, view_of
from tests.modelled import modelled


def screen_of(*cells: Cell) -> FirstScreen:
    """Of a run of these cells, matched by slots."""
    document = results_of(list(cells), comparisons=comparisons(list(cells), [view_of()]))
    return first_screen(msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, views=[view_of()])))


def cell(name: str, rate: float, cpu: float, rounds: int = 5, **changes: Any) -> Cell:
    """A cell at that rate and CPU, which vary by tenths of percents."""
    contender, _, setting = name.partition("+")
    side: Any = "celery" if contender.startswith("celery") else "asyncio"
    trials = [
        trial_of(number, rate * (1 + number / 1000), cpu_s_per_1000=cpu * (1 + number / 1000), **changes)
        for number in range(1, rounds + 1)
    ]
    return summarised(cell_of(contender, id=name, side=side, tuning=[setting] if setting else [], trials=trials))


def test_a_setting_with_several_numbers_is_what_the_title_is_about() -> None:
    """What is left of the difference with the best of them, and what there is without; then what it gains."""
    screen = screen_of(
        cell("asyncio", 200, 0.5),
        cell("celery-asyncio", 100, 6.0),
        cell("celery-asyncio+chunk-4", 180, 2.0),
        cell("celery-asyncio+chunk-16", 199, 1.0),
    )
    assert screen.headline == "sleep: Celery takes 2.0 times asyncio's CPU with chunk-16, 12 times without."
    assert screen.certainty.use == (
        "asyncio where CPU counts; speeds are equal; on Celery, chunk-16: faster, and for less CPU"
    )
    assert [row.name for row in screen.overview] == [
        "sleep, chunk-16 against celery-asyncio",
        "sleep, asyncio against chunk-16",
        "sleep, asyncio against celery-asyncio",
    ]
    assert [figure.label for figure in screen.tiles[0].figures] == [
        "asyncio:16",
        "celery-asyncio:16",
        "celery-asyncio+chunk-16:16",
    ]


def test_cpu_that_is_equal_is_told_without_a_ratio() -> None:
    """What lies within five percent has no number that was measured."""
    screen = screen_of(
        cell("asyncio", 200, 1.0),
        cell("celery-asyncio", 100, 6.0),
        cell("celery-asyncio+chunk-4", 180, 2.0),
        cell("celery-asyncio+chunk-16", 199, 1.01),
    )
    assert screen.headline == "sleep: Celery takes as much CPU as asyncio with chunk-16, 6.0 times without."


def test_one_number_or_settings_of_several_kinds_are_no_such_view() -> None:
    """They are compared as any other."""
    plain = (cell("asyncio", 200, 0.5), cell("celery-asyncio", 100, 6.0), cell("celery-asyncio+chunk-4", 180, 2.0))
    for cells in (plain, (*plain, cell("celery-asyncio+prefetch-1", 150, 3.0))):
        assert screen_of(*cells).headline.startswith("sleep: asyncio is 2.0 times as fast")


def about_slowdown(name: str, values: list[float], **changes: Any) -> Cell:
    """A row of `mix`, whose short jobs are slowed down by that."""
    made = cell(name, 40.0, 1.0, len(values), **changes)
    trials = [
        msgspec.structs.replace(trial, extra={"short_slowdown_times": value})
        for trial, value in zip(made.trials, values, strict=True)
    ]
    load = Open(40.0).describe()
    return summarised(msgspec.structs.replace(made, workload="mix", trials=trials, load=load, ideal_s=None))


def test_work_with_a_figure_of_its_own_is_told_by_that() -> None:
    """The base, and the best and the worst of the other side; the best one first, with the ends of the intervals."""
    screen = screen_of(
        about_slowdown("celery-threads", [4.0, 4.1, 3.9, 4.0, 4.0]),
        about_slowdown("asyncio", [1.2, 1.3, 1.2, 1.3, 1.2]),
        about_slowdown("celery-prefork", [9.0, 9.1, 8.9, 9.0, 9.0]),
        about_slowdown("celery-gevent", [5.0, 5.1, 4.9, 5.0, 5.0]),
    )
    assert screen.headline.startswith("slowdown of short jobs: asyncio:16 1.2 times, celery-threads:16 4.0 times")
    assert screen.certainty.use == "asyncio:16, by slowdown of short jobs"
    assert "celery-prefork:16 8.9 to 9.1 times" in screen.certainty.sure


def test_a_figure_never_loses_its_unit_to_the_length_of_the_title() -> None:
    """What is seen once, doubted and has a long name says its unit once, at the end."""
    screen = screen_of(_stopped("celery-gevent", 10.2), _stopped("asyncio", 0.165))
    assert screen.headline.startswith("time until a running job is stopped, seen once: asyncio:16 0.17")
    assert screen.headline.removesuffix(".").endswith("celery-gevent:16 10 ms (noisy-machine)")


def _stopped(name: str, value: float) -> Cell:
    """A doubted row of `cancel`, seen once."""
    made = cell(name, 40.0, 1.0, 1)
    trials = [msgspec.structs.replace(trial, extra={"stop_running_ms": value}) for trial in made.trials]
    made = summarised(msgspec.structs.replace(made, workload="cancel", trials=trials, ideal_s=None))
    assert made.summary is not None
    summary = msgspec.structs.replace(
        made.summary, doubts=[Doubt(kind="noisy-machine", text="others", advice="stop them")]
    )
    return msgspec.structs.replace(made, summary=summary)


def test_a_figure_of_its_own_that_overlaps_decides_nothing() -> None:
    """And one that was seen once is said to be."""
    open_one = screen_of(
        about_slowdown("asyncio", [1.0, 9.0, 2.0, 8.0, 5.0]), about_slowdown("celery-threads", [6.0] * 5)
    )
    assert open_one.certainty.use == "not decided by this run"
    once = screen_of(about_slowdown("asyncio", [1.2]), about_slowdown("celery-threads", [4.0]))
    assert once.headline.startswith("slowdown of short jobs, seen once: asyncio:16 1.2 times")
    assert once.certainty.use.startswith("probably asyncio:16")


def test_the_cpu_of_a_row_that_was_seen_once_counts_for_who_was_ahead_in_it() -> None:
    """What another row knows for sure would not be said because of it."""
    open_speed, cheaper = Effect("undecided", 1.1, (0.9, 1.3), few="2 rounds"), Effect("first", 29.0, (5.0, 90.0))
    once = Effect("undecided", 60.0)
    parties = (Party("asyncio", "asyncio:8", "asyncio"), Party("Celery", "celery-threads:8", "celery"))
    rows = [OverviewRow(n, n, *parties, "throughput", open_speed, cpu) for n, cpu in (("a", cheaper), ("b", once))]
    said = "Speed undecided in both workloads; Celery takes 29 to 60 times the CPU (indicative)."
    assert of_rows(rows, "workloads") == said
    rows[1] = rows[1]._replace(cpu=Effect("undecided", 1 / 60))
    assert of_rows(rows, "workloads") == "Speed undecided in both workloads (indicative)."


def test_of_latencies_it_is_said_who_answers_sooner() -> None:
    """In any number of rows."""
    faster = Effect("first", 1.4, (1.3, 1.5), rounds=5, boots=5)
    parties = (Party("asyncio", "asyncio:8", "asyncio"), Party("Celery", "celery-threads:8", "celery"))
    rows = [OverviewRow(name, name, *parties, "median latency at open:50/s", faster, None) for name in ("a", "b", "c")]
    assert of_rows(rows, "workloads") == "asyncio answers sooner in all 3 workloads, 1.4 times."
    assert of_several(rows, "workloads") == "asyncio is faster in all 3 workloads, 1.4 times."


FASTER, SLOWER = Effect("first", 1.4, (1.3, 1.5), rounds=5, boots=5), Effect("second", 0.5, (0.4, 0.6))
EQUAL, OPEN = Effect("equal", 1.0, (0.99, 1.01)), Effect("undecided", 1.2, (0.9, 1.5))


@pytest.mark.parametrize(
    ("effects", "headline"),
    [
        ([FASTER] * 3, "sleep: asyncio is faster at 2 to 32 slots, 1.4 times."),
        ([EQUAL, EQUAL, FASTER], "sleep: asyncio is faster at 32 slots, 1.4 times; equal at 2 and 8."),
        ([FASTER, OPEN, FASTER], "sleep: asyncio is faster at 2 and 32 slots, 1.4 times; undecided at 8."),
        ([FASTER, SLOWER, SLOWER], "sleep: asyncio is faster at 2 slots; Celery is faster at 8 and 32 slots."),
        ([EQUAL, OPEN, OPEN], "sleep: asyncio and Celery are equally fast at 2 slots; undecided at 8 and 32."),
        ([OPEN] * 3, "Speed undecided in all 3 comparisons."),
    ],
)
def test_rows_of_several_slots_say_at_which_of_them_who_is_faster(effects: list[Effect], headline: str) -> None:
    """`faster in 1 of 3 comparisons` would be a count, and no answer."""
    parties = (Party("asyncio", "asyncio:8", "asyncio"), Party("Celery", "celery-threads:8", "celery"))
    rows = [
        OverviewRow(f"sleep, {at}", "sleep", *parties, "throughput", effect, None, at=at)
        for at, effect in zip(("2 slots", "8 slots", "32 slots"), effects, strict=True)
    ]
    assert of_several(rows, "comparisons") == headline
    assert (" to 32 slots" in of_several([rows[2], *rows[:2]], "comparisons")) == (" to 32 slots" in headline)
    unlike = [row._replace(subject=row.name) for row in rows]
    assert "3 comparisons" in of_several(unlike, "comparisons")


def test_slots_and_loads_tell_rows_of_one_work_apart() -> None:
    """Of a run of the plan `slots`; and what it costs, where there is room."""
    screen = first_screen(document_of("slots"))
    assert [row.at for row in screen.overview] == ["2 slots", "8 slots", "32 slots"]
    assert screen.headline == "sleep: Celery is faster at 2 to 32 slots, 1.2 to 1.4 times."


@pytest.mark.parametrize(
    ("rates", "mark"),
    [((200, 100), ""), ((200, 199.9), "equal")],
)
def test_tiles_have_intervals_and_say_where_nothing_separates_them(rates: tuple[float, float], mark: str) -> None:
    """And which figure a doubt weighs on; latencies of a closed load are not compared."""
    noisy = [Doubt(kind="noisy-machine", text="", advice="")]
    screen = screen_of(cell("asyncio", rates[0], 0.5), cell("celery-threads", rates[1], 6.0, doubts=noisy))
    rate, latency, cpu, memory = screen.tiles
    assert rate.mark == mark
    assert latency.mark == "not compared"
    assert (cpu.mark, memory.mark) == ("", "equal")
    assert [figure.doubted for figure in rate.figures] == [False, True]
    assert all(figure.spread.startswith("±0.") for figure in (*rate.figures, *cpu.figures))


def test_tiles_of_a_single_round_are_said_once_to_be_of_it() -> None:
    """Behind what they are of."""
    screen = screen_of(cell("asyncio", 200, 0.5, 1), cell("celery-threads", 100, 6.0, 1))
    assert screen.tiles_of == "sleep, seen once"
    assert {tile.mark for tile in screen.tiles} == {""}


def test_no_two_rows_of_the_plan_mix_have_one_name() -> None:
    """Two contenders of a view are compared with a third one there."""
    names = [row.name for row in first_screen(modelled(load_plan("mix"), rounds=2)).overview]
    assert len(set(names)) == len(names) == 4
