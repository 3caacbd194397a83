"""Finds workloads, contenders, brokers, loads, faults, report formats and rules by name: one file each, named after it.

A job of the user's own that the run has found is a workload too.
"""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from harness.errors import UsageError, unknown
from harness.jobs import registered

PACKAGES = {
    "workload": ("workloads.catalogue", "WORKLOAD"),
    "contender": ("harness.contenders", "CONTENDER"),
    "broker": ("harness.services.brokers", "BROKER"),
    "load": ("harness.loads", "LOAD"),
    "fault": ("harness.session.faults", "FAULT"),
    "format": ("harness.report.formats", "FORMAT"),
    "spoiler": ("harness.spoilers.rules", "RULE"),
}
"""Kind → the package that is listed, and the name that each of its modules defines.

A module with the kind's own name is its contract, and packages within hold what several of them share.
"""
PLANS = Path(__file__).resolve().parents[1] / "plans"
"""Where the plans are that come with the project."""
HIDDEN = {"contender": {"fake"}}
"""Kind → names that are for tests: they can be given, and are neither listed nor suggested."""


def offered(kind: str) -> list[str]:
    """The names that a user is told of."""
    return [name for name in names(kind) if name not in HIDDEN.get(kind, ())]


def names(kind: str) -> list[str]:
    """All names of a kind, without importing the modules behind them."""
    return sorted({*shipped(kind), *(registered.names() if kind == "workload" else [])})


def shipped(kind: str) -> list[str]:
    """Those that come with the workbench (`celery-prefork` is `celery_prefork.py`)."""
    return list(_listed(kind))


@cache
def _listed(kind: str) -> tuple[str, ...]:
    """Looked up once in a process: a report asks for each of its rows several times."""
    package = importlib.import_module(PACKAGES[kind][0])
    modules = pkgutil.iter_modules(package.__path__)
    listed = [module.name for module in modules if not module.ispkg and module.name != kind]
    return tuple(sorted(listed if kind == "workload" else (name.replace("_", "-") for name in listed)))


def check(kind: str, name: str, where: str) -> str:
    """`name` itself; raises UsageError with the nearest valid name for an unknown one."""
    if name not in names(kind):
        raise unknown(kind, name, where, offered(kind))
    return name


def load(kind: str, name: str, where: str = "the registry") -> Any:
    """Import the module of that name and return what it defines; raises UsageError for an unknown name."""
    package, attribute = PACKAGES[kind]
    if check(kind, name, where) in (registered.names() if kind == "workload" else []):
        return importlib.import_module("harness.jobs.workload").workload_class(name)
    module = importlib.import_module(f"{package}.{name.replace('-', '_')}")
    return getattr(module, attribute)


def title_of(workload: str, parameter: str) -> str:
    """What stands behind `20 % of …` for that parameter, in plain words; empty where its key has these."""
    try:
        hint = get_type_hints(load("workload", workload).Params, include_extras=True).get(parameter)
    except UsageError:
        return ""
    return next((title for extra in get_args(hint)[1:] if (title := getattr(extra, "title", None))), "")


def defaults(workload: str) -> dict[str, object]:
    """The parameters of a workload that comes with the project; of another one nothing is known."""
    try:
        kind = load("workload", workload).Params
    except UsageError:
        return {}
    return {key: getattr(kind(), key) for key in kind.__struct_fields__}
