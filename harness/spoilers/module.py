"""A module of the job's code, read from its file and never imported: what each name in it stands for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Definition = ast.FunctionDef | ast.AsyncFunctionDef
CACHES = frozenset({"functools.cache", "functools.lru_cache", "functools.cached_property"})
"""What a function under one of these makes is made once."""


@dataclass(frozen=True, eq=False)
class Module:
    """Its file as it is shown, and its syntax tree."""

    file: str
    tree: ast.Module
    name: str = ""
    """With its dots; empty if it is not known."""
    is_package: bool = False
    """Whether it is the `__init__` of a package."""

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
            elif isinstance(node, ast.ImportFrom) and (base := self._imported_from(node)):
                names |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names}
        return names

    def _imported_from(self, node: ast.ImportFrom) -> str:
        """The module of `from … import`; empty where a relative one leads nowhere."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".") if self.name else []
        up = node.level - self.is_package
        if not parts or up >= len(parts):
            return ""
        return ".".join([*parts[: len(parts) - up], *filter(None, [node.module])])

    @cached_property
    def made(self) -> dict[str, str]:
        """`NAME` or `self.NAME` that something was made for, as `aiohttp.ClientSession()` → what was called for it."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            for target, value in bindings(node):
                name, call = _written(target), _call(value)
                if name and call is not None and (called := self.dotted(call.func)) is not None:
                    names.setdefault(name, called)
        return names

    @cached_property
    def functions(self) -> dict[str, Definition]:
        """All functions by their names, those within others too."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, Definition)}

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """All classes by their names."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)}

    @cached_property
    def constants(self) -> dict[str, int]:
        """Whole numbers that names of the module stand for."""
        values: dict[str, int] = {}
        for node in self.tree.body:
            for target, value in bindings(node):
                if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and type(value.value) is int:
                    values[target.id] = value.value
        return values

    def dotted(self, node: ast.expr) -> str | None:
        """`a.b.c` with the import of `a` resolved; None for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def is_cached(self, function: Definition) -> bool:
        """Whether what it makes is kept."""
        decorators = (node.func if isinstance(node, ast.Call) else node for node in function.decorator_list)
        return any(self.dotted(decorator) in CACHES for decorator in decorators)


def method_of(owner: ast.ClassDef, name: str) -> Definition | None:
    """The method of that name that the class itself defines."""
    return next((node for node in owner.body if isinstance(node, Definition) and node.name == name), None)


def bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets and what they are bound to, by assignments and `with`."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from ((item.optional_vars, item.context_expr) for item in node.items if item.optional_vars)


def _written(target: ast.expr) -> str:
    """`NAME` or `self.NAME`; empty for anything else."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return f"self.{target.attr}"
    return ""


def _call(node: ast.expr) -> ast.Call | None:
    node = node.value if isinstance(node, ast.Await) else node
    return node if isinstance(node, ast.Call) else None
