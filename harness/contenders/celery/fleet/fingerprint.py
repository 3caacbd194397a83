"""What an installation is, as far as figures depend on it: held against each other where several take part in a run."""

import hashlib
import importlib.util
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("celery", "kombu", "redis", "gevent", "celery-or-asyncio-workbench")
SOURCES = ("workloads", "asyncio_side", "celery_side")
"""Packages of the work itself."""


def fingerprint() -> dict[str, Any]:
    """Python, the packages that tasks pass through, and the sources of all work. Another patch release counts too."""
    return {
        "python": f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}",
        **{name: _version(name) for name in PACKAGES},
        "sources": sources(),
    }


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@cache
def sources() -> str:
    """A hash of every module of the work: what two installations execute is the same if this is."""
    digest = hashlib.sha256()
    for package in SOURCES:
        for folder in _folders(package):
            for file in sorted(folder.rglob("*.py")):
                digest.update(f"{package}/{file.relative_to(folder).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec is not None else []
