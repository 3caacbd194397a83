"""No import cycle, lazy imports included, in any package of the project."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

PACKAGES = ("workloads", "asyncio_side", "celery_side", "origin", "harness")


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The modules that each module imports, at its top or within a function; a package stands for its `__init__`."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def test_no_module_imports_itself_by_a_detour(imports: dict[str, set[str]]) -> None:
    """Neither when it is loaded nor later."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as cycle:
        pytest.fail(" imports ".join(reversed(cycle.args[1])))


def test_lazy_imports_are_seen(imports: dict[str, set[str]]) -> None:
    """As that of the Celery clients, which `workbench list` does without."""
    assert "harness.contenders.celery.clients" in imports["harness.contenders.celery.workers"]
