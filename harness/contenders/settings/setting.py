"""Settings: named changes of a contender, one file per side. `celery-prefork+batch` has one."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Self

import msgspec

from harness.errors import UsageError, unknown
from harness.results.model import Promise
from harness.statistics.units import whole_number

SIDES = ("asyncio", "celery")
"""Those that have settings."""
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
    drops: bool = False
    """Whether requests beyond a limit are refused or expire: then no backlog waits for its workers."""
    relieves: str = ""
    """What has less to do with it, such as `driver`; the search for a bottleneck (`--why`) tries it. Empty: nothing."""
    excludes: tuple[str, ...] = ()
    """Settings that cannot be combined with it."""
    family: str = ""
    """Settings of one family cannot be combined with each other."""

    def fits(self, other: Self) -> bool:
        """Whether both can be set."""
        if self.family and self.family == other.family:
            return False
        return self.name not in other.excludes and other.name not in self.excludes


class Numbered(NamedTuple):
    """Settings that differ in a number, which ends their name: `chunk-16`."""

    make: Callable[[int], Setting]
    least: int
    most: int


def known(side: str) -> dict[str, Setting]:
    """All settings of a side, by name."""
    return {setting.name: setting for setting in _module(side).SETTINGS} if side in SIDES else {}


def resolve(side: str, names: Sequence[str], where: str) -> tuple[Setting, ...]:
    """The settings of those names, each once, the alias resolved; raises UsageError for one that is not known."""
    every = known(side)
    resolved: dict[str, Setting] = {}
    for name in names:
        for own_name in _module(side).TUNED if name == ALIAS and every else (name,):
            setting = every.get(own_name) or _numbered(side, own_name, where)
            if setting is None:
                raise unknown(f"setting of {side}", name, where, [*every, ALIAS] if every else [])
            if setting.name in resolved:
                raise UsageError(f"{where}: the setting {setting.name} is given more than once.")
            for other in resolved.values():
                if not setting.fits(other):
                    raise UsageError(f"{where}: the settings {other.name} and {setting.name} exclude each other.")
            resolved[setting.name] = setting
    return tuple(resolved.values())


def _numbered(side: str, name: str, where: str) -> Setting | None:
    """One whose name ends with a number of the user's own; None if it is none, UsageError for a number out of range."""
    kind, _, digits = name.rpartition("-")
    numbered: Numbered | None = getattr(_module(side), "NUMBERED", {}).get(kind) if side in SIDES else None
    if numbered is None:
        return None
    number = whole_number(digits, numbered.most)
    if number is None or number < numbered.least:
        raise UsageError(
            f"{where}: expected {kind}-N with a whole number from {numbered.least} to {numbered.most}; got {name!r}."
        )
    return numbered.make(number)


def no_backlog(settings: Iterable[Setting]) -> str | None:
    """Why requests cannot all wait before any is executed; None if they can."""
    drop = [setting.name for setting in settings if setting.drops]
    return f"{' and '.join(drop)}: of a backlog, requests are refused or expire" if drop else None


def written(names: Iterable[str]) -> str:
    """The settings as written after a contender's name."""
    return "".join(f"+{name}" for name in names)


def _module(side: str) -> Any:
    return importlib.import_module(f"harness.contenders.settings.{side}")
