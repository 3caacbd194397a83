"""Settings: named changes of a contender, one file per side. `celery-prefork+batch` has one."""

import importlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from harness.errors import UsageError, unknown
from harness.results.model import Promise

ALIAS = "tuned"
"""Stands for the settings that the side's ladder has shown to help, and that can lose no work (`docs/tuning.md`)."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a contender; the side's own kind says what it changes."""

    name: str
    about: str
    gives_up: str = ""
    """What it gives up; empty if nothing."""
    unsafe: bool = False
    """Whether it can lose work."""
    promise: Promise | None = None
    """What it says about a request that was accepted, whatever then dies; None: what is said without it."""
    drains: bool = False
    """Whether the driver's process ends what is under way when it is told to end (SIGTERM), instead of dying."""
    relieves: str = ""
    """What has less to do with it, such as `driver`; the search for a bottleneck (`--why`) tries it. Empty: nothing."""
    excludes: tuple[str, ...] = ()
    """Settings that cannot be combined with it."""


def known(side: str) -> dict[str, Setting]:
    """All settings of a side, by name."""
    return {setting.name: setting for setting in _module(side).SETTINGS} if side in ("asyncio", "celery") else {}


def resolve(side: str, names: Sequence[str], where: str) -> tuple[Setting, ...]:
    """The settings of those names, each once, the alias resolved; raises UsageError for one that is not known."""
    every = known(side)
    resolved: dict[str, Setting] = {}
    for name in names:
        for own_name in _module(side).TUNED if name == ALIAS and every else (name,):
            if own_name not in every:
                raise unknown(f"setting of {side}", name, where, [*every, ALIAS] if every else [])
            if own_name in resolved:
                raise UsageError(f"{where}: the setting {own_name} is given more than once.")
            for other in resolved.values():
                if other.name in every[own_name].excludes or own_name in other.excludes:
                    raise UsageError(f"{where}: the settings {other.name} and {own_name} exclude each other.")
            resolved[own_name] = every[own_name]
    return tuple(resolved.values())


def written(names: Iterable[str]) -> str:
    """The settings as written after a contender's name."""
    return "".join(f"+{name}" for name in names)


def _module(side: str) -> Any:
    return importlib.import_module(f"harness.contenders.settings.{side}")
