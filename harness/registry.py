"""Finds workloads, contenders, brokers, loads and report formats: one file each, and the file name is the name."""

import importlib
import pkgutil
from typing import Any

from harness.errors import unknown

PACKAGES = {
    "workload": ("workloads.catalogue", "WORKLOAD"),
    "contender": ("harness.contenders", "CONTENDER"),
    "broker": ("harness.brokers", "BROKER"),
    "load": ("harness.loads", "LOAD"),
    "report": ("harness.reports", "REPORT"),
}
"""Kind → the package that is listed, and the name that each of its modules defines."""


def names(kind: str) -> list[str]:
    """All names of a kind, without importing the modules behind them (`celery-prefork` is `celery_prefork.py`)."""
    package = importlib.import_module(PACKAGES[kind][0])
    found = (module.name for module in pkgutil.iter_modules(package.__path__))
    spell = str if kind == "workload" else lambda name: name.replace("_", "-")
    return sorted(spell(name) for name in found if not name.startswith("_"))


def check(kind: str, name: str, where: str) -> str:
    """`name` itself; raises UsageError with the nearest valid one where there is no such thing."""
    if name not in names(kind):
        raise unknown(kind, name, where, names(kind))
    return name


def load(kind: str, name: str, where: str = "the registry") -> Any:
    """Import the module of that name and return what it defines; raises UsageError for an unknown name."""
    package, attribute = PACKAGES[kind]
    module = importlib.import_module(f"{package}.{check(kind, name, where).replace('-', '_')}")
    return getattr(module, attribute)
