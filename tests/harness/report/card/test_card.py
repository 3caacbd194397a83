"""The card: one definition, first in each format, and within 80 columns."""

import re

import msgspec
import pytest

from harness import registry
from harness.report.card.card import card_of
from harness.report.card.shape import Card
from harness.results.model import Results, Spoiler
from tests.builders import results_of
from tests.harness.report.card.decided import POOL, decided, side_of


def card(results: Results) -> Card:
    """It has one."""
    made = card_of(results)
    assert made is not None
    return made


def lines(results: Results) -> dict[str, tuple[str, str]]:
    """Name of each line → its two figures."""
    return {line.name: (line.asyncio, line.celery) for line in card(results).lines}


def test_it_has_the_figures_of_both_sides_with_their_intervals() -> None:
    """At the rate, beyond it, and alone."""
    shown = lines(decided())
    assert shown["holds p99<300ms"] == ("yes", "yes")
    assert shown["p50"][0].startswith("53.2 ms [")
    assert shown["cores"][1].startswith("0.48 [")
    assert shown["memory"][0].startswith("26.0 MB [")
    assert shown["lost at a crash"] == ("not measured here", "not measured here")
    assert shown["the most here"] == ("900/s [1,100/s not]", "900/s [1,100/s not]")


def test_a_p99_of_too_few_requests_is_below_a_limit_that_holds() -> None:
    """So few were later, of all that were sent; where the limit does not hold, or is another one, nothing is known."""
    replace, cells = msgspec.structs.replace, []
    for cell in [*side_of("asyncio", 53.0, 1.3, 26.0), *side_of("celery", 66.0, 8.0, 95.0)]:
        assert cell.summary is not None
        few = [
            replace(trial, latency_ms=replace(trial.latency_ms, p99=None)) for trial in cell.trials if trial.latency_ms
        ]
        summary = replace(cell.summary, latency_ms=replace(cell.summary.latency_ms, p99=None))
        cells.append(replace(cell, trials=few, summary=summary))
    assert lines(decided(cells))["p99"] == ("below 300ms", "below 300ms")
    assert lines(decided(cells, late={"asyncio": (0, 500), POOL: (400, 500)}))["p99"] == ("below 300ms", "–")
    assert lines(decided(cells, limit="p50<300ms"))["p99"] == ("–", "–")


def test_cores_that_a_rate_takes_beyond_those_that_there_are_say_so() -> None:
    """A rate that was not served takes what no machine was seen to use: 60/s of 50 ms are three cores of two."""
    dearer = decided([*side_of("asyncio", 53.0, 9.0, 26.0), *side_of("celery", 66.0, 50.0, 95.0)])
    assert [text.rpartition("]")[2] for text in lines(dearer)["cores"]] == ["", ", of 2"]


def test_what_would_turn_the_choice_has_its_own_interval() -> None:
    """Saved: 6.7 ms of CPU a request, so that 150/s save a core."""
    core, computing = card(decided()).otherwise
    assert core.startswith("asyncio saves a whole core from 150 [150 … 150] requests/s on (there ")
    here, there = (float(text) for text in re.findall(r"(?:there|instead of) ([\d.]+)", core))
    assert there == pytest.approx(here + 1)
    assert computing == (
        "By CPU, processes on 2 cores serve more than one asyncio process from 6.72 ms of computing a request, 11 % of "
        "its time alone (now 2 %)."
    )


def test_on_one_core_processes_have_nothing_to_gain() -> None:
    """And where asyncio saves nothing, no rate is told."""
    otherwise = card(decided(cpus=1)).otherwise
    assert otherwise[1] == "Processes cannot serve more than asyncio here: there is one core."
    dearer = decided([*side_of("asyncio", 53.0, 9.0, 26.0), *side_of("celery", 66.0, 8.0, 95.0)])
    assert card(dearer).otherwise[0].startswith("asyncio saves a core at no rate")
    assert "already" in card(dearer).otherwise[1]


def test_spoilers_come_first_among_the_doubts() -> None:
    """With file and line, and what to do."""
    assert card(decided()).doubts == ["none"]
    spoiler = Spoiler(kind="client-per-call", side="celery", text="a client each", place="a.py:3", advice="share it")
    doubts = card(decided(spoilers=[spoiler])).doubts
    assert doubts == ["client-per-call (celery): a.py:3: a client each. Advice: share it."]


def test_a_run_that_is_no_decision_has_no_card() -> None:
    """Its report is as it was."""
    assert card_of(results_of()) is None


def test_an_unfinished_decision_has_a_card_too() -> None:
    """Ctrl-C leaves what is known."""
    results = decided([], pools=[], rate_per_s=None, limit=None)
    made = card(results)
    assert {line.asyncio for line in made.lines} <= {"–", "not measured here"}
    assert made.advice[0].startswith("No advice")


@pytest.mark.parametrize("format_name", ["terminal", "markdown", "html"])
def test_it_stands_before_everything_else(format_name: str) -> None:
    """The same sentences in each format."""
    results = decided()
    text = " ".join(registry.load("format", format_name).render(results).replace("\\", "").replace("&lt;", "<").split())
    first = card(results).advice[2].split(":")[0]
    assert first in text
    assert text.index(first) < text.index("Python 3.11.0 on Linux")


def test_no_line_is_longer_than_80_columns() -> None:
    """On a terminal of that width nothing is broken."""
    spoiler = Spoiler(kind="k", side="celery", text="word " * 60, place="a.py:3", advice="do " * 40)
    results = decided(spoilers=[spoiler], late={"asyncio": (60, 500), POOL: (90, 500)})
    text = registry.load("format", "terminal").first_screen(results)
    assert max(map(len, text.splitlines())) <= 80
    assert text.splitlines()[0] == "Celery or asyncio? job at 60/s"
    assert text.splitlines()[1].startswith("Undecided whether the limit is held: ")


def test_its_headline_is_what_the_advice_comes_to() -> None:
    """At most 15 words, whatever the rule; also of a sentence that says more, or names a place."""
    assert card(decided()).headline == "Both do at this rate: choose by durability and operations."
    slow = card(decided(searched=False, late={"asyncio": (60, 500), POOL: (0, 500)}))
    assert slow.headline == f"Take {POOL}: the other side does not hold this rate here."
    assert card(decided([], pools=[])).headline.startswith("No advice: the sides were not compared at a rate")
    spoiler = Spoiler(kind="loop-blocked", side="asyncio", text="held", place="shop/client.py:9", advice="a thread")
    blocked = card(decided(spoilers=[spoiler])).headline
    assert blocked == "Mend loop-blocked at shop/client.py:9 and decide again."


def test_what_is_printed_after_other_runs_is_all_of_it() -> None:
    """Only a card stands for the whole."""
    terminal = registry.load("format", "terminal")
    assert terminal.first_screen(results_of()) == terminal.render(results_of())
    assert msgspec.structs.asdict(results_of().run)["decision"] is None


def test_without_a_comparison_nothing_is_said_of_doubts() -> None:
    """None were looked for, which is not that there are none."""
    shown = card(decided([], pools=[]))
    assert shown.doubts == ["not known: the sides were not compared"]
    assert shown.otherwise == ["Not known: the sides were not compared at a rate."]


def test_a_blocked_event_loop_says_nothing_of_other_rates() -> None:
    """One loop that is blocked serves no rate at which a core could be saved."""
    spoiler = Spoiler(kind="loop-blocked", side="asyncio", text="held", place="shop/client.py:9", advice="a thread")
    assert card(decided(spoilers=[spoiler])).otherwise == [
        "Not known before loop-blocked at shop/client.py:9 is mended: the figures are not those of asyncio."
    ]
