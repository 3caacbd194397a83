"""The house: what lies where, that every room says what it may import, and that no import goes up or round."""

import ast
import re

import pytest

from docs import show_coverage
from docs.show_house import REPOSITORY, Imports, between_rooms, imports, layers, ring, text, upward

HARNESS = REPOSITORY / "harness"
FLAT = {"__init__", "__main__", "errors", "logs", "registry"}
ROOMS = sorted(place.name for place in HARNESS.iterdir() if (place / "__init__.py").exists())


@pytest.fixture(scope="module")
def graph() -> Imports:
    """Of the whole project; lazy imports are among them."""
    return imports()


def docstring(room: str) -> str:
    """What a room says of itself."""
    tree = ast.parse((HARNESS / room / "__init__.py").read_text())
    return " ".join((ast.get_docstring(tree) or "").split())


def test_nothing_but_what_every_room_needs_lies_flat() -> None:
    """All other modules have a room; every folder is one."""
    assert {file.stem for file in HARNESS.glob("*.py")} == FLAT
    folders = {place.name for place in HARNESS.iterdir() if place.is_dir()} - {"__pycache__"}
    assert folders == set(ROOMS)


def test_the_contract_names_every_room() -> None:
    """And each once."""
    assert sorted(layers()) == sorted({*ROOMS, *FLAT} - {"__init__"})


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_may_import(room: str) -> None:
    """In words, or by the room next below it."""
    (sentence,) = re.findall(r"(?:May import|Imports) [^.]+\.", docstring(room))
    below = layers()[layers().index(room) + 1]
    for named in re.findall(r"`(\w+)`", sentence):
        assert named == below


def test_no_room_imports_one_above_it(graph: Imports) -> None:
    """By the order of the contract, and by a reading of all import statements that is not import-linter's."""
    assert upward(graph, layers()) == []


def test_no_module_imports_itself_by_a_detour(graph: Imports) -> None:
    """Neither when it is loaded nor later."""
    assert ring(graph) == []


def test_lazy_imports_are_seen(graph: Imports) -> None:
    """As that of the Celery clients, which `workbench list` does without."""
    assert "harness.contenders.celery.clients" in graph["harness.contenders.celery.pool"]


BROKEN: dict[str, set[str]] = {
    "harness": set(),
    "harness.upper": set(),
    "harness.upper.one": {"harness.lower.two"},
    "harness.lower": set(),
    "harness.lower.two": {"harness.lower.three"},
    "harness.lower.three": {"harness.upper.one", "workloads.sleep"},
    "workloads.sleep": set(),
}


def test_an_import_that_goes_up_and_one_that_goes_round_are_found() -> None:
    """Planted ones."""
    assert between_rooms(BROKEN) == {"upper": {"lower"}, "lower": {"upper"}}
    assert upward(BROKEN, ["upper", "lower"]) == ["lower imports upper"]
    first, *others = ring(BROKEN)
    assert {first, *others} == {"harness.upper.one", "harness.lower.two", "harness.lower.three"}
    assert first == others[-1]
    assert ring({**BROKEN, "harness.lower.three": set()}) == []
    assert text(BROKEN, ["upper", "lower"]) == "upper         2  → lower\nlower         3  → upper"


def test_a_room_is_as_covered_as_its_files_together() -> None:
    """In the order of the house; what has no statement is left out."""
    files = {
        "harness/lower/two.py": {"summary": {"num_statements": 30, "covered_lines": 30}},
        "harness/lower/three.py": {"summary": {"num_statements": 10, "covered_lines": 0}},
        "harness/upper/__init__.py": {"summary": {"num_statements": 0, "covered_lines": 0}},
        "harness/errors.py": {"summary": {"num_statements": 10, "covered_lines": 5}},
        "workloads/catalogue/sleep.py": {"summary": {"num_statements": 1_000, "covered_lines": 960}},
    }
    said = show_coverage.text(files, ["upper", "lower", "errors"])
    assert [line.split() for line in said.splitlines()[1:]] == [
        ["lower", "40", "75%"],
        ["errors", "10", "50%"],
        ["workloads", "1,000", "96%"],
        ["all", "1,050", "95%"],
    ]
