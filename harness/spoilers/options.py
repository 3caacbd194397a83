"""Options of the user's task, as its worker reports them, and where they are written."""

import ast
from collections.abc import Iterator
from typing import Any

from harness.results.cells import TASK
from harness.results.model import Cell, Trial
from harness.spoilers.concerning import concerning
from harness.spoilers.module import Module
from harness.spoilers.rule import Seen
from harness.spoilers.source import Source, place_in


def option(cell: Cell, name: str) -> Any:
    """As it is in effect; None if the task has Celery's default."""
    return cell.settings.effective.get(f"{TASK}{name}")


def set_options(cell: Cell, *names: str) -> str:
    """Those of these options that the task has: `max_retries=5, retry_backoff=True`; empty if it has none."""
    values = {name: option(cell, name) for name in names}
    return ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def place_of(seen: Seen, *names: str) -> str:
    """`FILE:LINE` where one of these is written for the task; else that of the task; empty if that is not known."""
    source = seen.source("celery")
    if source is None:
        return ""
    written = [*_in_decorators(source, names), *_in_modules(source, names)]
    return written[0] if written else source.place(source.function)


def _in_decorators(source: Source, names: tuple[str, ...]) -> Iterator[str]:
    for decorator in source.function.decorator_list:
        words = decorator.keywords if isinstance(decorator, ast.Call) else []
        yield from (source.place(word) for word in words if word.arg in names)


def _in_modules(source: Source, names: tuple[str, ...]) -> Iterator[str]:
    for module in source.modules:
        yield from _in_module(module, list(concerning(source, module)), names)


def _in_module(module: Module, nodes: list[ast.AST], names: tuple[str, ...]) -> Iterator[str]:
    """As a keyword, a key, an attribute of a task or of a class of tasks; not of a further attempt."""
    retries = {
        id(word)
        for call in nodes
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "retry"
        for word in call.keywords
    }
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg in names and id(node) not in retries:
            yield place_in(module, node.value)
        elif _is_named(node, names):
            yield place_in(module, node)


def _is_named(node: ast.AST, names: tuple[str, ...]) -> bool:
    if isinstance(node, ast.Assign):
        return any(_name(target) in names for target in node.targets)
    return isinstance(node, ast.Constant) and node.value in names


def _name(target: ast.expr) -> str:
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def failed_with(trial: Trial, *kinds: str) -> int:
    """How many requests of a trial failed in one of these ways; 1 if its first one did, and ended it."""
    counted = sum(failure.count for failure in trial.failures if failure.kind in kinds)
    return counted or int(any(f"{kind}(" in (trial.error or "") or f"{kind}:" in (trial.error or "") for kind in kinds))
