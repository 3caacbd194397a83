"""The limits that no linter holds: how long a module and a function may be, and how many exceptions there may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("workloads", "asyncio_side", "celery_side", "origin", "harness")
MODULE_LINES = 300
FUNCTION_LINES = 40
TOO_LONG: dict[str, str] = {}
"""`PATH` or `PATH:FUNCTION` of what is longer, and the reason."""
EXCEPTIONS_MOST = 10
REASON = re.compile(r"# noqa: [A-Z]+[0-9]+ - \w")


def test_no_module_and_no_function_is_too_long() -> None:
    """A module is one page to read, a function fits on a screen; what is excepted is too long indeed."""
    too_long = {place: lines for place, lines, most in sizes() if lines > most}
    assert {place: lines for place, lines in too_long.items() if place not in TOO_LONG} == {}
    assert set(TOO_LONG) <= set(too_long)


def test_exceptions_from_the_rules_are_few_and_each_has_its_reason() -> None:
    """On the line of what it excepts."""
    excepted = [f"{place}: {line.strip()}" for place, text in modules() for line in text.splitlines() if "noqa" in line]
    assert [line for line in excepted if not REASON.search(line)] == []
    assert len(excepted) + len(TOO_LONG) <= EXCEPTIONS_MOST


def modules() -> Iterator[tuple[str, str]]:
    """Each module's place and text."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def sizes() -> Iterator[tuple[str, int, int]]:
    """Each module and function with its lines, decorators left out, and the most that it may have."""
    for place, text in modules():
        yield place, len(text.splitlines()), MODULE_LINES
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{place}:{node.name}", (node.end_lineno or 0) - node.lineno + 1, FUNCTION_LINES
