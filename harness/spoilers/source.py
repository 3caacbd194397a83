"""The source of a job's function: what it calls in the user's own code, and what each name in it stands for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.results.model import Side
from harness.spoilers.module import Definition, Module, method_of
from harness.spoilers.own_code import NO_CODE, Found, OwnCode, own_code_of, parsed

DEPTH_MOST = 8
"""Calls below the job's function."""
REACHED_MOST = 300
"""Functions that are looked at for one job."""


@dataclass(frozen=True, eq=False)
class Source:
    """A module, and a function in it: the job's, or one that it calls."""

    side: Side
    module: Module
    function: Definition
    code: OwnCode = NO_CODE
    """The user's other modules."""
    owner: ast.ClassDef | None = None
    """The class whose method it is."""

    @cached_property
    def reached(self) -> "list[Source]":
        """The job's function, and those of the user's that it calls, each once; not what is made only once."""
        found, known, open_ = [self], {id(self.function)}, [(self, 0)]
        while open_ and len(found) < REACHED_MOST:
            caller, depth = open_.pop()
            for call in calls_in(caller.function) if depth < DEPTH_MOST else ():
                called = caller.called_function(call)
                if called is None or id(called.function) in known or called.module.is_cached(called.function):
                    continue
                source = Source(self.side, called.module, called.function, self.code, called.owner)
                known.add(id(called.function))
                found.append(source)
                open_.append((source, depth + 1))
        return found

    @cached_property
    def modules(self) -> list[Module]:
        """Those of the functions that are reached, and those whose names they use."""
        found = {id(source.module): source.module for source in self.reached}
        for source in self.reached:
            for node in ast.walk(source.function):
                if isinstance(node, ast.Name | ast.Attribute) and (used := source._module_of(node)) is not None:
                    found[id(used)] = used
        return list(found.values())

    def _module_of(self, node: ast.expr) -> Module | None:
        dotted = self.module.dotted(node)
        if dotted is None or "." not in dotted:
            return None
        found = self.code.split(dotted)
        return found[0] if found is not None and found[1] else None

    def called_function(self, call: ast.Call) -> Found | None:
        """The function of the user's that a call calls; None if it is another's, or not known."""
        written = _parts(call.func)
        if not written:
            return None
        if written[0] == "self" and self.owner is not None and len(written) == 2:
            method = method_of(self.owner, written[1])
            return None if method is None else Found(self.module, method, self.owner)
        if len(written) == 1 and (function := self.module.functions.get(written[0])) is not None:
            return Found(self.module, function)
        if written[0] == "self":
            made = self.module.made.get(".".join(written[:2]))
            return self.code.function_by(self.module, ".".join([made, *written[2:]])) if made else None
        if written[0] in self.module.imports:
            return self.code.function_at(self.module.dotted(call.func) or "")
        return self.code.function_in(self.module, written)

    def called(self, call: ast.Call | None) -> str | None:
        """What a call calls, with its dots."""
        return None if call is None else self.module.dotted(call.func)

    def method_of_made(self, call: ast.Call) -> str | None:
        """Of `NAME.method()`, what NAME was made by, here or in another module, and the method."""
        function = call.func
        if not isinstance(function, ast.Attribute):
            return None
        made = self.module.made.get(".".join(_parts(function.value)))
        if made:
            return f"{made}.{function.attr}"
        dotted = self.module.dotted(function)
        return self.code.made_by(dotted) if dotted else None

    def place(self, node: ast.AST) -> str:
        """`FILE:LINE`."""
        return place_in(self.module, node)


def place_in(module: Module, node: ast.AST) -> str:
    """`FILE:LINE`."""
    return f"{module.file}:{getattr(node, 'lineno', 0)}"


def number(module: Module, node: ast.expr | None) -> int | None:
    """A whole number, written out or by a name of the module."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return module.constants.get(node.id) if isinstance(node, ast.Name) else None


def source_at(side: Side, place: str, name: str = "") -> Source | None:
    """The source of the function at `FILE:LINE`; None if it cannot be read, or no function is there.

    `name`: `PACKAGE.MODULE:NAME`, by which the user's other modules are found.
    """
    file, _, line = place.rpartition(":")
    tree = parsed(Path(file))
    if tree is None:
        return None
    if not name:
        return source_of(side, file, tree, int(line))
    path = Path(file).absolute()
    code, module_name = own_code_of(path, name.partition(":")[0])
    module = Module(file, tree, module_name, path.name == "__init__.py")
    return _function_at(side, module, int(line), code)


def source_of(side: Side, file: str, tree: ast.Module, line: int) -> Source | None:
    """The function whose definition, or first decorator, is on that line; its module alone."""
    return _function_at(side, Module(file, tree), line, NO_CODE)


def _function_at(side: Side, module: Module, line: int, code: OwnCode) -> Source | None:
    for node in ast.walk(module.tree):
        if isinstance(node, Definition):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if line in (first, node.lineno):
                owner = next((each for each in module.classes.values() if node in each.body), None)
                return Source(side, module, node, code, owner)
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


def _parts(node: ast.expr) -> list[str]:
    """`a.b.c` as it is written; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
