"""The source of a job's function: what it calls in its own module, and what each name in it stands for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.results.model import Side

Definition = ast.FunctionDef | ast.AsyncFunctionDef
CACHES = frozenset({"functools.cache", "functools.lru_cache", "functools.cached_property"})
"""What a function under one of these makes is made once."""


@dataclass(frozen=True)
class Source:
    """A module, and the function of the job in it."""

    side: Side
    file: str
    """As it is shown."""
    tree: ast.Module
    function: Definition

    @cached_property
    def imports(self) -> dict[str, str]:
        """Name in the module → what it stands for, with its dots."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        return names

    @cached_property
    def made(self) -> dict[str, str]:
        """Name that something was made for, as in `NAME = aiohttp.ClientSession()` → what was called for it."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            for target, value in _bindings(node):
                if isinstance(target, ast.Name) and (called := self.called(_call(value))) is not None:
                    names.setdefault(target.id, called)
        return names

    @cached_property
    def reached(self) -> list[Definition]:
        """The job's function, and those that it calls in its module, each once; not what is made only once."""
        known = {node.name: node for node in ast.walk(self.tree) if isinstance(node, Definition)}
        found, open_ = [self.function], [self.function]
        while open_:
            for call in calls_in(open_.pop()):
                name = call.func.id if isinstance(call.func, ast.Name) else ""
                called = known.get(name)
                if called is not None and called not in found and not self.is_cached(called):
                    found.append(called)
                    open_.append(called)
        return found

    @cached_property
    def constants(self) -> dict[str, int]:
        """Whole numbers that names of the module stand for."""
        values: dict[str, int] = {}
        for node in self.tree.body:
            for target, value in _bindings(node):
                if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int:
                    values[target.id] = value.value
        return values

    def is_cached(self, function: Definition) -> bool:
        """Whether what it makes is kept."""
        decorators = (node.func if isinstance(node, ast.Call) else node for node in function.decorator_list)
        return any(self.dotted(decorator) in CACHES for decorator in decorators)

    def called(self, call: ast.Call | None) -> str | None:
        """What a call calls, with its dots; of a name that something was made for, with what that was."""
        return None if call is None else self.dotted(call.func)

    def method_of_made(self, call: ast.Call) -> str | None:
        """Of `NAME.method()`, what NAME was made by, and the method."""
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            made = self.made.get(function.value.id)
            return f"{made}.{function.attr}" if made else None
        return None

    def dotted(self, node: ast.expr) -> str | None:
        """`a.b.c` with the import of `a` resolved; None for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def number(self, node: ast.expr | None) -> int | None:
        """A whole number, written out or by a name of the module."""
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return node.value
        return self.constants.get(node.id) if isinstance(node, ast.Name) else None

    def place(self, node: ast.AST) -> str:
        """`FILE:LINE`."""
        return f"{self.file}:{getattr(node, 'lineno', 0)}"


def source_at(side: Side, place: str) -> Source | None:
    """The source of the function at `FILE:LINE`; None if it cannot be read, or no function is there."""
    file, _, line = place.rpartition(":")
    try:
        tree = ast.parse(Path(file).read_text("utf-8"))
    except (OSError, ValueError, SyntaxError):
        return None
    return source_of(side, file, tree, int(line))


def source_of(side: Side, file: str, tree: ast.Module, line: int) -> Source | None:
    """The function whose definition, or first decorator, is on that line."""
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if line in (first, node.lineno):
                return Source(side, file, tree, node)
    return None


def calls_in(function: Definition) -> Iterator[ast.Call]:
    """Calls in a function's own body: not those in functions and lambdas within it, which others may call."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Definition | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting = [*ast.iter_child_nodes(node), *waiting]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets and what they are bound to, by assignments and `with`."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from ((item.optional_vars, item.context_expr) for item in node.items if item.optional_vars)


def _call(node: ast.expr) -> ast.Call | None:
    node = node.value if isinstance(node, ast.Await) else node
    return node if isinstance(node, ast.Call) else None
