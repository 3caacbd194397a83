"""Drawn figures: no advice contradicts what stands beside it, whatever was measured."""

import re
from typing import Any, NamedTuple

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.report.card.card import card_of
from harness.report.card.rules import advice
from harness.report.table import BLANK
from harness.report.words.doubts import WEIGHING
from harness.results.decision import ALONE, MOST, RATE
from harness.results.model import Cell, Doubt, HighestRate, Pool, Results, Side, Spoiler
from harness.statistics.deciding.figures import DECIDING, RATE_LIMIT, Figures, SideFigures, figures_of
from tests.builders import latency_of
from tests.harness.report.card.decided import POOL, decided, side_of

LIMIT_MS = 300.0
RATE_PER_S = 60.0


class Drawn(NamedTuple):
    """One side."""

    p50_ms: float
    cpu_s_per_1000: float
    scatter: float
    rounds: int
    late: int
    most_per_s: float | None
    grows: bool
    doubt: str | None
    missing: bool
    beyond: bool


sides = st.builds(
    Drawn,
    p50_ms=st.sampled_from([1.0, 50.0, 52.0, 99.0, 101.0, 400.0]),
    cpu_s_per_1000=st.sampled_from([0.1, 8.0, 8.3, 21.0, 40.0]),
    scatter=st.sampled_from([0.0, 0.01, 0.2, 0.8]),
    rounds=st.sampled_from([1, 2, 5]),
    late=st.sampled_from([0, 1, 6, 60]),
    most_per_s=st.sampled_from([None, 20.0, 59.0, 61.0, 900.0]),
    grows=st.booleans(),
    doubt=st.sampled_from([None, None, "noisy-machine", "wide-interval", "one-boot"]),
    missing=st.sampled_from([False, False, False, True]),
    beyond=st.sampled_from([False, False, False, True]),
)
spoilers = st.sampled_from([None, None, None, "loop-blocked", "rate-limit", "retries", "priority"])


def cells_of(side: Side, drawn: Drawn) -> list[Cell]:
    """At the rate, alone, and of its highest rate, as it was drawn."""
    at_rate, alone, most = side_of(side, drawn.p50_ms, drawn.cpu_s_per_1000, 26.0, drawn.rounds)
    trials = []
    for number, trial in enumerate(at_rate.trials):
        times = 1 + drawn.scatter * (number % 3 - 1)
        doubts = [Doubt(kind="unsustainable", text="it grew", advice="lower")] if drawn.grows and number < 2 else []
        trials.append(
            msgspec.structs.replace(
                trial,
                latency_ms=latency_of(drawn.p50_ms * times),
                cpu_s_per_1000=drawn.cpu_s_per_1000 * times,
                doubts=doubts,
                sustained_per_s=RATE_PER_S / 2 if doubts else RATE_PER_S,
            )
        )
    doubts = [Doubt(kind=drawn.doubt, text="t", advice="a")] if drawn.doubt else []
    summary = msgspec.structs.replace(at_rate.summary, doubts=doubts) if at_rate.summary else None
    at_rate = msgspec.structs.replace(at_rate, trials=trials, summary=summary)
    found = [alone] if drawn.missing or drawn.beyond else [at_rate, alone]
    if drawn.most_per_s is None:
        return found
    search = HighestRate(
        limit="p99<300ms",
        status="confirmed",
        rate_per_s=drawn.most_per_s,
        failed_per_s=1.2 * drawn.most_per_s,
        why="late",
        limited_by="machine",
        probes=[],
    )
    return [*found, msgspec.structs.replace(most, highest_rate=search)]


def made(base: Drawn, other: Drawn, spoiler: str | None) -> Results:
    """The document of that decision."""
    kinds = {spoiler: "celery" if spoiler in (*DECIDING, "priority") else "asyncio"} if spoiler else {}
    changes: dict[str, Any] = {
        "late": {"asyncio": (base.late, 500), POOL: (other.late, 500)},
        "beyond": {label: 12.0 for label, side in (("asyncio", base), (POOL, other)) if side.beyond},
        "pools": [Pool(contender=POOL, taken=True, why="100/s in full use: the most")],
        "spoilers": [
            Spoiler(kind=kind, side=side, text="t", place="a.py:1", advice="mend it")  # type: ignore[arg-type]
            for kind, side in kinds.items()
        ],
    }
    if base.beyond and other.beyond:
        changes["wanted_per_s"] = 5000.0
    return decided([*cells_of("asyncio", base), *cells_of("celery", other)], **changes)


def said_of(figures: Figures, text: str) -> tuple[SideFigures, SideFigures]:
    """The side that a sentence names first, and the other one."""
    assert figures.asyncio is not None
    assert figures.celery is not None
    both = (figures.asyncio, figures.celery)
    first = min(both, key=lambda side: text.index(side.label) if side.label in text else len(text))
    return first, both[1] if first is both[0] else both[0]


def holds(side: SideFigures | None) -> str:
    """As far as it is known."""
    return side.holds if side is not None else ""


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(base=sides, other=sides, spoiler=spoilers)
def test_no_advice_contradicts_the_figures_beside_it(base: Drawn, other: Drawn, spoiler: str | None) -> None:
    """Who holds, who is quicker, who is cheaper, what to take: by the figures that are shown, and their intervals."""
    results = made(base, other, spoiler)
    figures, card = figures_of(results), card_of(results)
    assert figures is not None
    assert card is not None
    text = " ".join(card.advice)
    assert all(sentence.endswith(".") and "None" not in sentence for sentence in card.advice)
    if "No advice:" in text:
        assert not any(side is not None and side.works for side in (figures.asyncio, figures.celery))
        return
    _check_speed(figures, text)
    _check_cost(figures, text)
    _check_take(figures, text)
    _check_doubts(figures, card.advice)
    _check_holds(figures)
    always = any(each.kind != RATE_LIMIT for each in figures.deciding)
    assert not always or "decides what Celery does here" in text


def _check_speed(figures: Figures, text: str) -> None:
    if "both hold" in text:
        assert {holds(figures.asyncio), holds(figures.celery)} == {"yes"}
    if "neither side holds" in text:
        assert {holds(figures.asyncio), holds(figures.celery)} == {"no"}
    if match := re.search(r"(asyncio|Celery) is quicker: (p50|p99)", text):
        assert figures.enough
        assert figures.asyncio is not None
        assert figures.celery is not None
        mine, theirs = (getattr(side, f"{match[2]}_ms") for side in (figures.asyncio, figures.celery))
        assert (mine.value < theirs.value) is (match[1] == "asyncio")
        interval = (
            figures.ratios[f"latency_{match[2]}_ms"].interval if f"latency_{match[2]}_ms" in figures.ratios else None
        )
        assert interval is None or not interval[0] <= 1 <= interval[1]


def _check_cost(figures: Figures, text: str) -> None:
    if match := re.search(r"(asyncio|Celery) takes fewer cores", text):
        assert figures.enough
        assert figures.asyncio is not None
        assert figures.celery is not None
        mine, theirs = figures.asyncio.cores(RATE_PER_S), figures.celery.cores(RATE_PER_S)
        assert mine is not None
        assert theirs is not None
        assert (mine.value < theirs.value) is (match[1] == "asyncio")


def _check_take(figures: Figures, text: str) -> None:
    if match := re.search(r"Take (\S+), which saves a whole core", text):
        taken, left = said_of(figures, match[0])
        assert (taken.holds, left.holds) == ("yes", "yes")
        mine, theirs = taken.cores(RATE_PER_S), left.cores(RATE_PER_S)
        assert mine is not None
        assert theirs is not None
        assert theirs.value - mine.value >= 1.0 - 1e-9
    if match := re.search(r"Take (\S+): the other side does not hold", text):
        taken, left = said_of(figures, match[0])
        assert (taken.holds, left.holds) == ("yes", "no")
    if "Both do at this rate" in text or "instead of speed" in text:
        assert {holds(figures.asyncio), holds(figures.celery)} == {"yes"}
        assert figures.enough


def _check_doubts(figures: Figures, sentences: list[str]) -> None:
    """Those that weigh stand behind the sentences with figures."""
    for side in (figures.asyncio, figures.celery):
        if side is None or side.cell is None or side.cell.summary is None:
            continue
        for doubt in side.cell.summary.doubts:
            if doubt.kind in WEIGHING:
                assert sum(doubt.kind in sentence for sentence in sentences) >= 2


def _check_holds(figures: Figures) -> None:
    """By the p99 that is shown, and by the highest rate that is shown."""
    for side in (figures.asyncio, figures.celery):
        if side is None or not side.measured:
            continue
        if side.holds == "yes" and side.p99_ms is not None:
            assert side.p99_ms.value < LIMIT_MS
        if side.holds == "no" and side.most is not None and side.most.rate_per_s is not None:
            assert side.most.rate_per_s < RATE_PER_S


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(works=sides, side=st.sampled_from(["asyncio", "celery"]))
def test_a_side_that_does_not_work_leaves_the_others_figures_and_the_reason(works: Drawn, side: Side) -> None:
    """On the card and in the advice; and no choice between them."""
    works = works._replace(missing=False, beyond=False, grows=False)
    good = cells_of(side, works)
    bad: Side = "celery" if side == "asyncio" else "asyncio"
    alone = next(cell for cell in cells_of(bad, works) if ALONE in cell.views)
    broken = msgspec.structs.replace(alone, status="failed", reason="it raised OSError", summary=None, trials=[])
    taken = side == "celery"
    pools = [Pool(contender=POOL, taken=taken, why="100/s in full use: the most" if taken else "it raised OSError")]
    label = POOL if taken else "asyncio"
    results = decided([*good, broken], pools=pools, late={label: (works.late, 500)})
    card = card_of(results)
    assert card is not None
    shown = {line.name: (line.celery if taken else line.asyncio) for line in card.lines}
    assert BLANK not in (shown["p50"], shown["cores"], shown["memory"])
    assert "it raised OSError" in card.advice[0]
    assert not re.search(r"Take (asyncio|celery)", " ".join(card.advice))
    assert any("Mend what keeps" in sentence for sentence in card.advice)


def test_the_views_that_figures_are_read_from_are_those_of_the_document() -> None:
    """What is drawn above is what a decision has."""
    results = made(*(Drawn(50.0, 8.0, 0.0, 5, 0, 900.0, False, None, False, False),) * 2, None)
    assert {view for cell in results.cells for view in cell.views} == {RATE, ALONE, MOST}
    figures = figures_of(results)
    assert figures is not None
    assert len(advice(figures)) == 3
