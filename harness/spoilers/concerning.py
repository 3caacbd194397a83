"""What of a module may have to do with a job's function: not other jobs that lie in the same file."""

import ast
from collections import deque
from collections.abc import Iterator

from harness.spoilers.module import Definition, Module
from harness.spoilers.source import Source

MANAGERS = frozenset({"contextlib.asynccontextmanager", "contextlib.contextmanager"})
"""What opens something for a job may be named by the job alone."""
TASKS = ("task", "shared_task")
"""How decorators end that make tasks."""


def concerning(source: Source, module: Module) -> Iterator[ast.AST]:
    """All nodes of the module, but for coroutines and tasks that nothing leads to from the function."""
    reached = {id(part.function) for part in source.reached}
    names = {name for part in source.reached for name in _names(part.function)}
    waiting: deque[ast.AST] = deque([module.tree])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, Definition) and not (
            id(node) in reached or node.name in names or not _is_anothers(node, module)
        ):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def _is_anothers(function: Definition, module: Module) -> bool:
    """Whether somebody else calls it: an event loop, or a worker."""
    made_by = [
        module.dotted(each.func if isinstance(each, ast.Call) else each) or "" for each in function.decorator_list
    ]
    if MANAGERS.intersection(made_by):
        return False
    is_task = any(name.rpartition(".")[2] in TASKS for name in made_by)
    return is_task or isinstance(function, ast.AsyncFunctionDef)


def _names(function: ast.AST) -> Iterator[str]:
    """All that is used in it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
