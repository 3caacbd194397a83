"""Shows the house: the rooms of harness/, top first, what each imports, and that no import goes up or round.

    .venv/bin/python docs/show_house.py

All import statements count, also those inside functions; those for type checkers alone do not.
"""

import sys
import tomllib
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("harness", "asyncio_side", "celery_side", "workloads", "origin")
Imports = Mapping[str, set[str]]
"""Module → modules that it imports; a package stands for its `__init__`."""


def imports() -> Imports:
    """Those of all packages of the project."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in sorted(graph.modules)}


def layers() -> list[str]:
    """The rooms as the contract in pyproject.toml has them, top first; modules that lie flat are among them."""
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (order,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["harness"])
    return list(order)


def room(module: str) -> str | None:
    """The room in which a module lies, or its own name where it lies flat; None outside the harness."""
    package, _, place = module.partition(".")
    return place.partition(".")[0] if package == "harness" and place else None


def between_rooms(graph: Imports) -> dict[str, set[str]]:
    """Room → other rooms that its modules import."""
    found: dict[str, set[str]] = {}
    for module, imported in graph.items():
        here = room(module)
        if here is not None:
            found.setdefault(here, set()).update(
                there for other in imported if (there := room(other)) not in (None, here)
            )
    return found


def upward(graph: Imports, order: list[str]) -> list[str]:
    """Imports of one room by another that does not lie above it."""
    return [
        f"{importer} imports {imported}"
        for importer, others in between_rooms(graph).items()
        for imported in sorted(others)
        if order.index(imported) < order.index(importer)
    ]


def ring(graph: Imports) -> list[str]:
    """Modules each of which is imported by the next, the last of them the first again; empty where none are."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        return list(cycle.args[1])
    return []


def text(graph: Imports, order: list[str]) -> str:
    """A line a room: how many modules it has, and which rooms it imports."""
    rooms = between_rooms(graph)
    sizes = {name: sum(room(module) == name for module in graph) for name in order}
    lines = [
        f"{name:12}{sizes[name]:3}  → {', '.join(other for other in order if other in rooms[name]) or 'nothing'}"
        for name in order
    ]
    return "\n".join(lines)


def main() -> int:
    """Print it; exit 1 where an import goes up or round."""
    graph, order = imports(), layers()
    faults = [f"upward: {fault}" for fault in upward(graph, order)]
    if found := ring(graph):
        faults.append(f"a ring: {' ← '.join(found)}")
    print(text(graph, order))
    print(f"\n{len(graph)} modules in {len(PACKAGES)} packages, {sum(map(len, graph.values()))} imports: ", end="")
    print("\n".join(faults) or "none upward, no cycle")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
