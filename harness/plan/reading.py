"""Reads plans from TOML files, by their names or paths."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.errors import UsageError, unknown
from harness.machine.names import is_there
from harness.plan.checks import check_amounts, check_keys
from harness.plan.invalid import in_words
from harness.plan.plan import Plan, ViewPlan
from harness.registry import PLANS

TOO_DEEP = "it is nested too deeply"
CHARACTERS_MOST = 1_000_000

Table = TypeVar("Table", bound=msgspec.Struct)


def shipped() -> dict[str, Path]:
    """The plans that come with the project, by name."""
    return {path.stem: path for path in sorted(PLANS.glob("*.toml"))}


def load_plan(name_or_path: str) -> Plan:
    """Read a plan by its name or its path; raises UsageError with the place of what is wrong."""
    path = find("plan", name_or_path, shipped())
    where = f"plan {path}"
    plan = read(path, where, Plan, {"view": ViewPlan})
    check_amounts(plan, where)
    return plan


def find(kind: str, name_or_path: str, named: dict[str, Path]) -> Path:
    """The file of that name, else that path; raises UsageError for what looks like a name and is not known."""
    if name_or_path in named:
        return named[name_or_path]
    path = Path(name_or_path)
    if path.suffix == ".py" or (":" in name_or_path and not is_there(path)):
        raise UsageError(f"{name_or_path} is a job of your own rather than a {kind}. Type: workbench run -w {path}")
    if path.suffix != ".toml" and not is_there(path):
        raise unknown(kind, name_or_path, "the command (a name, or the path of a .toml file)", named)
    return path


def read(path: Path, where: str, kind: type[Table], tables: dict[str, type[msgspec.Struct]]) -> Table:
    """A file as a value of that kind, named after the file unless it names itself; raises UsageError.

    `tables` says what the entries of each array of tables are, so that an unknown key is reported with its place.
    """
    document = _toml(path, where)
    check_keys(document, kind, where)
    for name, entry_kind in tables.items():
        entries = document.get(name, [])
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            if isinstance(entry, dict):
                check_keys(entry, entry_kind, f"{where}, [[{name}]] {number}")
    try:
        return msgspec.convert({"name": path.stem} | document, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {in_words(error)}.") from None
    except RecursionError:
        raise UsageError(f"{where}: {TOO_DEEP}.") from None


def _toml(path: Path, where: str) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return _parsed(file.read(CHARACTERS_MOST + 1), where)
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 ({error.reason} at byte {error.start}).") from None


def _parsed(text: str, where: str) -> dict[str, Any]:
    if len(text) > CHARACTERS_MOST:
        raise UsageError(f"{where}: it has more than {CHARACTERS_MOST} characters.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: malformed TOML: {error}.") from None
    except RecursionError:
        raise UsageError(f"{where}: {TOO_DEEP}.") from None
    except ValueError:  # Python's limit for whole numbers
        raise UsageError(f"{where}: a number {_longest(text)} has more digits than can be read.") from None


def _longest(text: str) -> str:
    """The place of the longest row of digits."""
    longest = max(re.finditer("[0-9_]+", text), key=lambda match: len(match[0]))
    return f"in line {text.count(chr(10), 0, longest.start()) + 1}"
