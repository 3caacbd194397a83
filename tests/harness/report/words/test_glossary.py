"""The glossary: every doubt that the code raises, every status, load and heading; found however it is spelt."""

import ast
import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from markupsafe import escape

from harness import registry
from harness.errors import UsageError
from harness.report.report import build
from harness.report.words.doubts import BY_KIND, DOUBTS
from harness.report.words.glossary import (
    OF_COLUMNS,
    TOOLTIPS,
    WORDS,
    as_markdown,
    find,
    in_words,
    pieces,
    used_in,
    words_of,
)
from harness.report.words.spoilers import SPOILERS
from harness.results.model import Cell
from tests.builders import document_of

HARNESS = Path(__file__).resolve().parents[4] / "harness"


def raised() -> set[str]:
    """The kinds of every `Doubt(kind=…)` in the harness, constants resolved."""
    kinds = set()
    for path in HARNESS.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Doubt":
                kind = next((word.value for word in call.keywords if word.arg == "kind"), None)
                if isinstance(kind, ast.Constant):
                    kinds.add(str(kind.value))
                elif isinstance(kind, ast.Name) and kind.id in constants:
                    kinds.add(str(constants[kind.id]))
    return kinds


def test_every_doubt_is_explained_with_what_to_do_and_an_example() -> None:
    """None is missing, and none is explained that no code raises."""
    assert raised() == set(BY_KIND)
    assert all(word.means and word.do and word.example for word in DOUBTS)


def test_everything_that_spoils_a_decision_is_explained() -> None:
    """Each kind that a rule finds; one is a doubt too."""
    kinds = set(registry.names("spoiler")) - {"loop-blocked"}
    assert kinds == {word.name for word in SPOILERS}
    assert all(word.means and word.do and word.example for word in SPOILERS)


def test_statuses_loads_and_headings_are_explained() -> None:
    """Each under its own name."""
    statuses = get_args(get_type_hints(Cell)["status"])
    for name in (*statuses, *registry.names("load"), "matched slots", "floor", "slot overhead", "ceiling"):
        assert find(name)[0].means
    assert set(TOOLTIPS) == set(OF_COLUMNS)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Slot_Overhead", "slot overhead"),
        ("p99", "percentile"),
        ("MACHINE BOUND", "machine-bound"),
        ("closed:64", "closed"),
    ],
)
def test_a_word_is_found_however_it_is_spelt(typed: str, name: str) -> None:
    """Case, dashes, a load with its number."""
    assert [word.name for word in find(typed)] == [name]


def test_an_unknown_word_is_bad_usage_with_the_nearest_ones() -> None:
    """And with the command that lists all."""
    with pytest.raises(UsageError, match=r"'cieling' is none of the words .* Did you mean ceiling.*workbench explain"):
        find("cieling")


def test_the_page_explains_the_words_that_it_uses() -> None:
    """Columns and doubts; what is not in it is left out."""
    words = {word.name for word in used_in(build(document_of("quick", rounds=2)))}
    assert {"slots", "ceiling", "too-few-rounds"} <= words
    assert "debug-mode" not in words


def test_terminal_and_document_say_the_same() -> None:
    """From one source; no word stands twice."""
    assert len({(word.name, word.kind) for word in WORDS}) == len(WORDS)
    assert [word.kind for word in find("floor")] == ["figure", "doubt"]
    page = as_markdown()
    for word in WORDS:
        assert word.means in page
        assert word.means in in_words(word)


def test_examples_of_doubts_are_told_by_the_command_alone() -> None:
    """The page has those of other words."""
    page = as_markdown()
    for word in (*DOUBTS, *SPOILERS):
        assert f"({word.example.removesuffix('.')})" not in page
        assert f"Example: {word.example}" in in_words(word)
    assert "(open:100/s)" in page


def test_a_first_screen_explains_what_it_says_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page where a word first stands, for the keyboard too; Markdown below; the terminal names them."""
    document = document_of("quick", rounds=2)
    words = words_of(build(document).first)
    assert {"not compared", "matched slots", "indicative"} <= {word.name for word in words}
    page = registry.load("format", "html").render(document)
    for word in words:
        meaning = str(escape(word.means))
        assert page.count(f'<dfn tabindex="0" data-means="{meaning}">') == 1
    assert re.findall(r'<button type="button" data-means="[^"]*">ceiling %', page)
    markdown = registry.load("format", "markdown").render(document)
    assert all(f"- **{word.name}**: " in markdown for word in words)
    monkeypatch.setenv("COLUMNS", "200")
    assert f"such as {words[0].name}, {words[1].name}" in registry.load("format", "terminal").render(document)


def test_a_word_is_itself_only_between_others() -> None:
    """Not within a name; in whatever case."""
    told = [(piece, word.name if word else "") for piece, word in pieces("Undecided: undecided-rows, 2 rows of x-row")]
    assert told == [
        ("", ""),
        ("Undecided", "undecided"),
        (": undecided-rows, 2 ", ""),
        ("rows", "row"),
        (" of x-row", ""),
    ]
