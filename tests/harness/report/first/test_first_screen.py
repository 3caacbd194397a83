"""The first screen: a headline that a decision can be made from, one row a comparison, tiles, doubts once."""

from typing import Any

import msgspec
import pytest

from harness.loads.closed import Closed
from harness.loads.open import Open
from harness.plan.reading import shipped
from harness.report.first import certainty_of_kinds
from harness.report.first.doubts import doubts
from harness.report.first.headline import of_one
from harness.report.first.of_run import first_screen
from harness.report.first.screen import DOUBTS_MOST, TILES_MOST, WORDS_MOST, Effect, FirstScreen, OverviewRow, Party
from harness.report.first.without_rows import of_sweeps
from harness.results.model import Cell, Doubt, Matched, NoCrossover, RatioAt, Results, Scaling
from harness.statistics.comparisons import comparisons
from harness.statistics.doubts import of_growth
from harness.statistics.resource_doubts import of_bottleneck
from tests.builders import cell_of, document_of, latency_of, results_of, summarised, trial_of, view_of
from tests.ladders import effect_of, ladder_results_of

FIVE = [200.0, 202.0, 198.0, 201.0, 199.0]
NOISY = [200.0, 260.0, 160.0, 230.0, 180.0]


def cell(contender: str, rates: list[float], **changes: Any) -> Cell:
    """A cell with its summary."""
    side = "celery" if contender.startswith("celery") else "asyncio"
    return summarised(cell_of(contender, rates, id=contender, side=side, **changes))  # type: ignore[arg-type]


def screen_of(*cells: Cell, matched: Matched = "slots") -> FirstScreen:
    """Of a run of these cells."""
    view = view_of(matched)
    document = results_of(list(cells), comparisons=comparisons(list(cells), [view]))
    return first_screen(msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, views=[view])))


def costing(contender: str, factor: float, cpu_s: float, **changes: Any) -> Cell:
    """A cell at that multiple of 200/s and of that CPU a request."""
    trials = [
        trial_of(n, rate * factor, cpu_s_per_1000=cpu_s * (1 + n / 1000), **changes) for n, rate in enumerate(FIVE, 1)
    ]
    return cell(contender, [], trials=trials)


def test_the_headline_has_both_effects_from_the_side_of_the_better_one() -> None:
    """Never below 1."""
    assert screen_of(costing("asyncio", 1, 0.6), costing("celery-threads", 0.5, 6.0)).headline == (
        "sleep: asyncio is 2.0 times as fast as Celery; Celery takes 10 times asyncio's CPU."
    )
    assert screen_of(costing("asyncio", 1, 6.0), costing("celery-threads", 2, 3.0)).headline == (
        "sleep: Celery is 2.0 times as fast as asyncio; asyncio takes 2.0 times Celery's CPU."
    )


@pytest.mark.parametrize("plan", sorted(shipped()))
def test_a_headline_has_at_most_fifteen_words(plan: str) -> None:
    """Of every plan, with and without verdicts; tiles and doubts have their limits, too."""
    for rounds in (1, 2, 5):
        screen = first_screen(document_of(plan, rounds))
        assert 2 < len(screen.headline.split()) <= WORDS_MOST
        assert len(screen.tiles) <= TILES_MOST
        assert len(screen.doubts) <= DOUBTS_MOST + 3


def test_undecided_is_said_as_such() -> None:
    """With the interval in the row; of a single round, that it was seen once, however large its ratio."""
    screen = screen_of(cell("asyncio", FIVE), cell("celery-threads", NOISY))
    assert "undecided" in screen.headline
    assert screen.overview[0].speed_text.startswith("undecided (0.7")
    single = screen_of(cell("asyncio", [200.0]), cell("celery-threads", [100.0]))
    assert single.headline == "sleep: asyncio was 2.0 times as fast as Celery; about equal CPU (seen once)."
    assert single.overview[0].speed_text == "asyncio 2.00×, seen once"
    assert single.head("faster") == "faster, seen once"
    assert single.said(single.overview[0].speed_text) == "asyncio 2.00×"
    assert single.certainty.sure.startswith("each seen once; a verdict takes 5 rounds")


def test_a_headline_carries_what_makes_it_uncertain() -> None:
    """Few rounds, and the doubt that weighs; the row is grey then."""
    few = screen_of(cell("asyncio", FIVE[:3]), cell("celery-threads", [100.0, 101.0, 99.0]))
    assert few.headline.endswith("(indicative).")
    bound = costing("celery-threads", 0.5, 6.0, doubts=of_bottleneck("machine"))
    screen = screen_of(costing("asyncio", 1, 0.6), bound)
    assert screen.headline.endswith("(machine-bound).")
    assert screen.overview[0].doubts == ("machine-bound",)
    (line,) = [note.text for note in screen.doubts]
    assert line.startswith("machine-bound (celery-threads:16): ")


def test_the_doubts_of_every_row_that_a_headline_uses_count() -> None:
    """Where the CPU is that of another row, also its own: what weighs on both is named."""
    undecided = Effect("undecided", 1.1, (0.5, 2.0))
    first, second = Party("asyncio", "asyncio:8", "asyncio"), Party("Celery", "celery-solo:1", "celery")
    row = OverviewRow("sleep", "sleep", first, second, "rate", undecided, undecided, ("drifting", "noisy-machine"))
    other = row._replace(speed=Effect("untold"), cpu=Effect("first", 8.7, (4.0, 20.0)), doubts=("noisy-machine",))
    assert of_one(row).endswith("(noisy-machine).")
    said = "celery-solo:1 takes 8.7 times asyncio:8's CPU (noisy-machine)."
    assert of_one(row, [other]).endswith(said)


def test_no_ratio_of_a_no_op_is_told() -> None:
    """Both costs stand instead."""
    pair = (costing("asyncio", 100, 0.2), costing("celery-threads", 1, 5.0))
    screen = screen_of(*(msgspec.structs.replace(each, workload="noop", ideal_s=0.0) for each in pair))
    assert screen.headline == "CPU of a no-op, each side's own cost: asyncio 0.20 ms, Celery 5.0 ms."
    assert screen.overview[0].speed.ratio is None
    assert screen.overview[0].cpu is None


def test_no_ratio_is_told_whose_size_the_clients_decide() -> None:
    """Where slots are unequal, or not all of them kept busy, CPU alone is compared."""
    alone = msgspec.structs.replace(costing("celery-solo", 1, 6.0), slots=1)
    unbounded = msgspec.structs.replace(costing("asyncio", 4, 0.6), slots=None)
    screen = screen_of(unbounded, alone, matched="resources")
    assert screen.overview[0].speed_text == "slots differ: CPU only"
    assert screen.headline == "sleep: Celery takes 10 times asyncio's CPU."
    equal = screen_of(costing("asyncio", 4, 0.6), costing("celery-threads", 1, 6.0))
    assert equal.overview[0].speed.times == pytest.approx(4.0)
    few = [
        msgspec.structs.replace(each, load=Closed(16).describe())
        for each in (costing("asyncio", 4, 0.6), costing("celery-threads", 1, 6.0))
    ]
    screen = screen_of(*few)
    assert screen.overview[0].speed_text == "fewer than 2 clients a slot: CPU only"
    assert screen.headline == "sleep: Celery takes 10 times asyncio's CPU."


def test_contenders_of_one_side_are_compared_by_their_names() -> None:
    """Prefork, threads or gevent is a question, too."""
    screen = screen_of(cell("celery-prefork", FIVE), cell("celery-gevent", [2 * rate for rate in FIVE]))
    assert screen.headline.startswith("sleep: celery-gevent:16 is 2.0 times as fast as celery-prefork:16")


def test_each_of_a_few_contenders_of_one_side_is_compared() -> None:
    """Prefork, threads or gevent has three answers: none is left out, and none is called better without a verdict."""
    base, faster = cell("celery-prefork", FIVE), [2 * rate for rate in FIVE]
    screen = screen_of(base, cell("celery-threads", NOISY), cell("celery-gevent", faster))
    assert [row.name for row in screen.overview] == [
        "celery-prefork:16 : celery-threads:16",
        "celery-prefork:16 : celery-gevent:16",
    ]
    assert screen.headline == (
        "sleep: celery-gevent:16 is faster than celery-prefork:16; celery-threads:16 undecided (wide-interval)."
    )
    assert screen.certainty.use == "undecided between celery-gevent:16 and celery-threads:16"
    assert "against celery-threads:16: speed undecided" in screen.certainty.sure
    assert [figure.label for figure in screen.tiles[0].figures] == [
        *("celery-prefork:16", "celery-threads:16", "celery-gevent:16"),
    ]
    unclear = screen_of(base, cell("celery-threads", NOISY), cell("celery-gevent", NOISY))
    assert unclear.headline.startswith("sleep: undecided which of celery-prefork:16, celery-threads:16 and celery-g")
    assert unclear.certainty.use == "not decided by this run"


HALF, TWICE = [rate / 2 for rate in FIVE], [rate * 2 for rate in FIVE]


@pytest.mark.parametrize(
    ("threads", "gevent", "headline", "use"),
    [
        (TWICE, HALF, "celery-threads:16 is 2.0 times as fast", "celery-threads:16: the fastest of these"),
        (HALF, HALF, "celery-prefork:16 is 2.0 times as fast", "celery-prefork:16: the fastest of these"),
        (TWICE, TWICE, "celery-threads:16 is 2.0 times", "undecided between celery-threads:16 and celery-gevent:16"),
        (FIVE, HALF, "celery-prefork:16 is 2.0 times", "either of celery-prefork:16 and celery-threads:16"),
        (HALF, NOISY, "celery-prefork:16 is faster than", "undecided between celery-prefork:16 and celery-gevent:16"),
        (FIVE, FIVE, "celery-threads:16 and celery-gevent:16 are as fast as celery-prefork:16", "either: nothing"),
    ],
)
def test_of_one_side_what_may_be_the_fastest_is_left(
    threads: list[float], gevent: list[float], headline: str, use: str
) -> None:
    """Each is compared with the first one alone: of two that are faster than it, none is known to be the fastest."""
    screen = screen_of(cell("celery-prefork", FIVE), cell("celery-threads", threads), cell("celery-gevent", gevent))
    assert screen.headline.startswith(f"sleep: {headline}")
    assert screen.certainty.use.startswith(use)


def test_several_rows_are_counted() -> None:
    """In how many each side is faster, and how many are undecided."""
    views = [view_of(name=name) for name in ("a", "b", "c")]
    cells = []
    for view, rates in zip(views, ([r / 2 for r in FIVE], [r * 2 for r in FIVE], NOISY), strict=True):
        for name, of_row in (("asyncio", FIVE), ("celery-threads", rates)):
            cells.append(cell(name, of_row, views=[view.name]))
            cells[-1] = msgspec.structs.replace(cells[-1], id=f"{name}{view.name}")
    document = results_of(cells, comparisons=comparisons(cells, views))
    document = msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, views=views))
    assert first_screen(document).headline == (
        "asyncio is faster in 1 of 3 comparisons, Celery in 1; 1 undecided (wide-interval)."
    )


def flooded(contender: str) -> Cell:
    """A row that did not sustain its rate."""
    trials = [trial_of(n, 40.0, latency_ms=latency_of(900.0), doubts=of_growth(True, 50.0, 40.0)) for n in range(1, 6)]
    return cell(contender, [], load=Open(50.0).describe(), trials=trials)


def test_where_nothing_is_compared_the_headline_says_why() -> None:
    """A rate that was not sustained; a row without figures, whose reason is the first doubt."""
    late = screen_of(flooded("asyncio"), flooded("celery-threads"))
    assert late.headline == "asyncio:16 did not sustain open:50/s, so latency is not compared."
    wrong = cell_of("celery-threads", side="celery", status="disqualified", reason="a reply was wrong: 42", trials=[])
    screen = screen_of(cell("asyncio", FIVE), wrong)
    assert screen.headline == "Not compared: celery-threads:16 is disqualified."
    assert screen.doubts[0].text.endswith("celery-threads:16 (sleep): a reply was wrong: 42.")
    assert first_screen(results_of([])).headline == "No figures yet."


def test_the_doubt_that_a_headline_names_is_explained_below_it() -> None:
    """Before those of rows that it does not compare, however many these are."""
    kinds = ("noisy-machine", "machine-bound", "driver-bound", "drifting", "wide-interval")
    doubted = [
        cell(f"celery-{kind}", FIVE, trials=[trial_of(1, doubts=[Doubt(kind=kind, text="", advice="")])])
        for kind in kinds
    ]
    parties = (Party("asyncio", "asyncio:16", "asyncio"), Party("Celery", "celery-threads:16", "celery"))
    row = OverviewRow("sleep", "sleep", *parties, "throughput", Effect("untold"), None, doubts=("wide-interval",))
    first, *_ = doubts(results_of(doubted), [row])
    assert first.text.startswith("wide-interval (")
    assert doubts(results_of(doubted))[0].text.startswith("noisy-machine (")


def test_a_doubt_names_the_work_where_other_work_has_a_row_of_that_name() -> None:
    """A no-op keeps its driver busy; the row that the headline is about has the same name."""
    bound = [trial_of(1, doubts=[Doubt(kind="driver-bound", text="", advice="")])]
    rows = [
        cell("asyncio", FIVE),
        cell("asyncio", FIVE, workload="noop", trials=bound),
        cell("celery-threads", FIVE, workload="noop", trials=bound),
    ]
    assert doubts(results_of(rows))[0].text.startswith("driver-bound (asyncio:16 in noop, celery-threads:16):")


def test_what_is_still_to_come_is_not_said_to_have_no_figures() -> None:
    """Of a run that goes on, as the live page shows it."""
    screen = screen_of(cell("asyncio", FIVE[:1]), cell_of("celery-threads", side="celery", status="pending"))
    assert screen.headline == "Not compared yet: 1 of 2 rows are still to come."


def test_the_reason_of_one_row_is_not_that_of_another() -> None:
    """Where two rows of a status have one each, that of the first is said to be its own."""
    rows = [cell_of(name, status="impossible", reason=f"{rate}/s", trials=[]) for name, rate in (("a", 9), ("b", 7))]
    assert screen_of(*rows).doubts[0].text.endswith("a:16 (sleep), b:16 (sleep): a:16: 9/s.")
    same = [msgspec.structs.replace(row, reason="9/s") for row in rows]
    assert screen_of(*same).doubts[0].text.endswith("a:16 (sleep), b:16 (sleep): 9/s.")


@pytest.mark.parametrize(
    ("unclear", "headline", "use"),
    [
        (
            [40],
            "asyncio is faster up to 20 % of the time spent computing; undecided above.",
            "asyncio up to 20 % of the time spent computing; undecided above",
        ),
        (
            [10],
            "asyncio is faster from 20 % of the time spent computing on; undecided below.",
            "asyncio from 20 % of the time spent computing on; undecided below",
        ),
        ([20], "Undecided whether asyncio and celery-prefork change places.", "not decided by this run"),
        ([10, 20, 40], "Undecided whether asyncio and celery-prefork change places.", "not decided by this run"),
    ],
)
def test_a_sweep_of_two_contenders_names_them(unclear: list[float], headline: str, use: str) -> None:
    """And where one is ahead, if the rest is undecided; `1 of 1 comparisons` would be no answer."""
    pair = NoCrossover(
        higher="asyncio", lower="celery-prefork", values=[10, 20, 40], unclear=unclear, rounds=5, boots=3
    )
    sweep = Scaling(
        view="a",
        over="the time spent computing",
        unit="%",
        fixed="mixed_cpu, closed:32",
        metric="throughput_per_s",
        curves=[],
        crossovers=[],
        without=[pair],
    )
    assert of_sweeps([sweep]) == headline
    assert certainty_of_kinds.of_sweeps([sweep], []).use == use
    few = Effect("undecided", 1.0, few="one round")
    parties = (Party("asyncio", "asyncio", "asyncio"), Party("Celery", "celery-prefork", "celery"))
    row = OverviewRow("mixed_cpu", "mixed_cpu", *parties, "throughput", few, None, doubts=("noisy-machine",))
    doubted = of_sweeps([sweep], [row, row._replace(speed=few._replace(few=""))])
    assert str(doubted).replace(" is ", " ").startswith(f"{headline.removesuffix('.').replace(' is ', ' ')} (seen once")


def test_a_sweep_without_a_difference_has_nobody_ahead() -> None:
    """Whole intervals within 5 % of 1, at each value or at some."""
    near, apart = (
        [RatioAt(x=x, ratio=ratio, ci95=(ratio - 0.01, ratio + 0.01)) for x in (10.0, 20.0)] for ratio in (1.01, 1.4)
    )
    pair = NoCrossover(
        higher="asyncio", lower="celery-prefork", values=[10, 20], unclear=[], ratios=near, rounds=5, boots=3
    )

    def told(pair: NoCrossover) -> tuple[str | None, str]:
        sweep = Scaling(
            view="a",
            over="slots",
            unit="",
            fixed="",
            metric="throughput_per_s",
            curves=[],
            crossovers=[],
            without=[pair],
        )
        return of_sweeps([sweep]), certainty_of_kinds.of_sweeps([sweep], []).use

    assert told(pair) == (
        "No difference in speed at any value of slots: asyncio and celery-prefork are equal.",
        "either, in the whole range",
    )
    some = msgspec.structs.replace(pair, ratios=[near[0], apart[1]])
    assert told(some)[0] == "No crossover in 1 sweep: asyncio is ahead or equal at all values."
    assert told(msgspec.structs.replace(pair, ratios=apart))[0] == "No crossover in 1 sweep: asyncio stays ahead."
    open_ = msgspec.structs.replace(pair, unclear=[20], ratios=[near[0], apart[1]])
    assert told(open_)[0] == "Undecided whether asyncio and celery-prefork change places."


def test_a_ladder_names_what_helped_most() -> None:
    """UNSAFE changes are marked, and never what is named first where a safe one helps."""
    effects = [
        effect_of("batch", "publish_per_s", "faster", 2.0),
        effect_of("no-ack-emulation", "throughput_per_s", "faster", 3.1),
        effect_of("msgpack", "throughput_per_s", "no difference", 1.0),
    ]
    document: Results = ladder_results_of(*effects, unsafe=("no-ack-emulation",))
    screen = first_screen(document)
    assert screen.headline == "1 of 2 safe changes helps; batch most: 2.0 times the publish rate."
    assert [row.name for row in screen.overview] == ["batch", "no-ack-emulation (UNSAFE)", "msgpack"]
    few = [msgspec.structs.replace(effect, rounds=2, boots=2, verdict=None) for effect in effects]
    unfinished = first_screen(ladder_results_of(*few, unsafe=("no-ack-emulation",)))
    assert unfinished.headline == "Too few rounds for 3 changes; ahead so far: batch, 2.0 times."
    assert unfinished.certainty.use == "probably batch"
    unsafe_alone = first_screen(ladder_results_of(*effects[1:], unsafe=("no-ack-emulation",)))
    assert unsafe_alone.headline == "The only safe change, msgpack, is not seen to make it faster."
    noise = first_screen(ladder_results_of(effect_of("nothing", "throughput_per_s", "faster", 1.1), effects[2]))
    assert noise.headline == "The only change, msgpack, is not seen to make it faster."
    assert noise.certainty.use == "none of these changes is both safe and known to help"
    alone = first_screen(ladder_results_of(effects[0]))
    assert alone.headline == "batch helps: 2.0 times the publish rate."
    unmeasured = first_screen(ladder_results_of(effect_of("nothing", "throughput_per_s", "faster", 1.1)))
    assert unmeasured.headline == "No change has been measured yet."
    assert unmeasured.certainty.use == "not decided by this run"
    all_of_them = effect_of("all that helped", "throughput_per_s", "faster", 2.3)
    together = first_screen(ladder_results_of(effects[0], effects[2], all_of_them))
    assert together.headline == "1 of 2 changes helps; batch most: 2.0 times the publish rate; together 2.3 times."
    one = first_screen(ladder_results_of(effects[0], effects[2]))
    assert one.headline == "1 of 2 changes helps; batch most: 2.0 times the publish rate."


def test_the_headline_of_a_cell_that_lost_requests_has_no_rate() -> None:
    """It says how many were answered: 90 of 100 in each of two trials."""
    lossy = [trial_of(number, 200.0, ok=90, lost=10) for number in (1, 2)]
    headline = screen_of(cell("asyncio", [], trials=lossy)).headline
    assert "answered 180 of 200 requests" in headline
    assert "requests/s" not in headline


def test_a_row_that_lost_requests_is_the_reason_for_no_comparison() -> None:
    """Not that nothing is matched, where both have the same slots."""
    lossy = [trial_of(number, 200.0, ok=90, lost=10) for number in (1, 2)]
    headline = screen_of(cell("asyncio", FIVE), cell("celery-threads", [], trials=lossy)).headline
    assert headline == "sleep: celery-threads:16 answered 180 of 200 requests, so it has no rate."


def test_headlines_without_a_comparison_carry_their_doubts_too() -> None:
    """Of a no-op, and of a single row; what makes it uncertain is never what is cut."""
    noisy = [Doubt(kind="noisy-machine", text="", advice="")]
    pair = (costing("asyncio", 100, 0.2, doubts=noisy), costing("celery-threads", 1, 5.0))
    idle = screen_of(*(msgspec.structs.replace(each, workload="noop", ideal_s=0.0) for each in pair))
    assert idle.headline.endswith("asyncio 0.20 ms, Celery 5.0 ms (noisy-machine).")
    assert (
        screen_of(pair[0]).headline == "sleep: asyncio:16 served 20,000 requests/s; nothing to compare (noisy-machine)."
    )
