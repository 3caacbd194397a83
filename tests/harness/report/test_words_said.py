"""What no text of a report says, whatever the run: lint over what every shipped plan's documents render to."""

import re

import pytest

from harness import registry
from harness.plan.ladder import load_ladder
from harness.plan.ladder import shipped as ladders
from harness.plan.reading import shipped
from tests.builders import document_of
from tests.ladders import effect_of, ladder_results_of

NEVER = {
    "an effect below 1, instead of from the side of the larger one": re.compile(r"\b0\.\d+ times\b"),
    "a value that is not known, as Python writes it": re.compile(r"\b(None|nan|inf|NaN)\b"),
    "a type of the library's": re.compile(r"\bmsgspec\b|<class |Traceback"),
    "the contender that tests need": re.compile(r"\bfake\b"),
}


def said(text: str) -> dict[str, list[str]]:
    """What of it must not stand in a text, with where it stands."""
    return {what: found for what, never in NEVER.items() if (found := [m[0] for m in never.finditer(text)])}


@pytest.mark.parametrize(("plan", "rounds"), [*((plan, 1) for plan in sorted(shipped())), ("quick", 5), ("slots", 5)])
def test_reports_of_plans(plan: str, rounds: int) -> None:
    """Of every format, Markdown has all texts."""
    assert said(registry.load("format", "markdown").render(document_of(plan, rounds))) == {}


def test_reports_of_ladders() -> None:
    """Slower, dearer and undecided rungs."""
    effects = [
        effect_of("slower", "throughput_per_s", "slower", 0.7),
        effect_of("quicker", "latency_p50_ms", "faster", 0.77),
        effect_of("cheaper", "cpu_s_per_1000", "less", 0.5),
        effect_of("hiredis", "throughput_per_s", "undecided", 0.98),
    ]
    text = registry.load("format", "markdown").render(ladder_results_of(*effects))
    assert said(text) == {}
    assert "median latency 1.30 times as fast" in text
    assert "CPU per 1,000 requests 2.00 times less" in text


@pytest.mark.parametrize("name", ladders())
def test_names_of_rungs_can_stand_in_a_list(name: str) -> None:
    """They hold no comma."""
    assert [rung.name for rung in load_ladder(name).rung if "," in rung.name] == []
