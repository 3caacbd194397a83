"""No exception is swallowed silently: whoever does nothing about one says why on that line, or logs it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
ROOTS = ("workloads", "asyncio_side", "celery_side", "origin", "harness")
SOURCES = sorted(path for root in ROOTS for path in (REPOSITORY / root).rglob("*.py"))


def swallowing(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """First and last line of each place that does nothing about an exception: `suppress(…)`, `except …: pass`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and all(does_nothing(statement) for statement in node.body):
            yield node.lineno, node.body[-1].end_lineno or node.lineno
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "suppress":
            yield node.lineno, node.end_lineno or node.lineno


def does_nothing(statement: ast.stmt) -> bool:
    """`pass`, `continue`, `…`, or a `return` of nothing."""
    if isinstance(statement, ast.Return):
        return statement.value is None
    is_ellipsis = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_ellipsis or isinstance(statement, ast.Pass | ast.Continue)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_reason_stands_where_an_exception_is_swallowed(path: Path) -> None:
    """As a comment on one of its lines."""
    source = path.read_text()
    lines = source.splitlines()
    without = [
        f"{path.name}:{first}: {lines[first - 1].strip()}"
        for first, last in swallowing(ast.parse(source))
        if not any("#" in line for line in lines[first - 1 : last])
    ]
    assert without == []


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("try:\n    x\nexcept OSError:\n    pass\n", 1),
        ("for x in y:\n    try:\n        x\n    except OSError:\n        continue\n", 1),
        ("with contextlib.suppress(OSError):\n    x\n", 1),
        ("try:\n    x\nexcept OSError:\n    log.warning('x')\n", 0),
        ("try:\n    x\nexcept OSError:\n    return None if y else 1\n", 0),
    ],
)
def test_such_places_are_found(source: str, places: int) -> None:
    """Else the test above would pass with anything."""
    wrapped = (
        source if "return" not in source else "def f():\n" + "".join(f"    {line}\n" for line in source.splitlines())
    )
    assert len(list(swallowing(ast.parse(wrapped)))) == places
