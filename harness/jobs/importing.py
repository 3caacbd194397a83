"""Imports what a job names; whatever goes wrong is a UsageError with file, line and reason, in a few lines."""

import functools
import importlib
import importlib.util
import inspect
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, SupportsIndex

from harness.errors import UsageError
from harness.jobs.spec import Place
from harness.jobs.text import said

OURS = ("workloads", "asyncio_side", "celery_side", "origin", "harness")
"""Top-level packages of the workbench: a package of the user's with such a name cannot be imported beside it."""
OUR_FOLDERS = tuple(str(Path(__file__).parents[2] / name) + os.sep for name in OURS)
INSTALLED = frozenset({"site-packages", "dist-packages"})
"""Folders of installed packages, also of those that an environment has from another one."""
REASON_CHARACTERS = 400


class Behind(list[str]):
    """Folders on the path: what is put in front comes last, as Celery's support of Django does with the current one."""

    def insert(self, index: SupportsIndex, folder: str) -> None:
        """At the end, unless it is there."""
        if folder not in self:
            self.append(folder)


def reach(path: Sequence[str]) -> None:
    """Find modules in those folders too, after all others: nothing there hides another module.

    The workbench's packages are imported before: of an editable install, they may be found after all folders.
    """
    for name in OURS:
        importlib.import_module(name)
    if not isinstance(sys.path, Behind):
        sys.path = Behind(sys.path)
    sys.path += [folder for folder in path if folder not in sys.path]


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Raise UsageError for whatever the user's code raises, with the place of theirs where it happened."""
    before = list(sys.path)
    try:
        yield
    except UsageError:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise UsageError(f"{what}: {place_and_reason(error)}") from error
    finally:
        added = [folder for folder in sys.path if folder not in before]
        sys.path[:] = [*before, *added]


def place_and_reason(error: BaseException) -> str:
    """`FILE, line N: REASON`, the line itself, and what may help."""
    reason = _reason(error)
    if isinstance(error, SyntaxError) and error.filename:
        line = f", line {error.lineno}" if error.lineno else ""
        return f"{shown(error.filename)}{line}: {reason}{_line(error.text)}"
    return f"{_at(traceback.extract_tb(error.__traceback__), reason)}{_hint(error)}"


def still_at(thread: int, reason: str) -> str:
    """`FILE, line N: REASON` of what a thread executes, by its `ident`, and the line itself."""
    frame = sys._current_frames().get(thread)
    return _at(traceback.extract_stack(frame), reason)


def _at(stack: traceback.StackSummary, reason: str) -> str:
    """With the last place of theirs, else the last one."""
    frames = [frame for frame in stack if not _is_machinery(frame.filename)]
    theirs = [frame for frame in frames if not _is_installed(frame.filename)]
    if not (theirs or frames):
        return reason
    frame = (theirs or frames)[-1]
    return f"{shown(frame.filename)}, line {frame.lineno}: {reason}{_line(frame.line)}"


def object_at(place: str, what: str) -> Any:
    """What `PACKAGE.MODULE:NAME` stands for (`NAME` may have dots); raises UsageError."""
    module_name, colon, name = place.partition(":")
    if not (colon and name and all(part.isidentifier() for part in (*module_name.split("."), *name.split(".")))):
        raise UsageError(f"{what} {place!r}: expected PACKAGE.MODULE:NAME, such as shop.client:fetch.")
    value: Any = module_named(module_name, f"{what} {place}")
    for part in name.split("."):
        if not hasattr(value, part):
            known = [known for known in dir(value) if not known.startswith("__")]
            nearest = get_close_matches(part, known, n=1, cutoff=0.6)
            hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
            file = getattr(value, "__file__", None)
            at = f" ({shown(file)})" if file else ""
            raise UsageError(f"{what} {place}: {module_name}{at} has no {part!r}.{hint}{_hidden(module_name)}")
        value = getattr(value, part)
    return value


def module_named(name: str, what: str) -> ModuleType:
    """That module, imported; raises UsageError."""
    top = name.partition(".")[0]
    if top in OURS:
        raise UsageError(
            f"{what}: the name {top!r} belongs to the workbench's own package; a package of yours with that name "
            "cannot be imported beside it. Move the job into a package with another name."
        )
    with explained(what):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            raise UsageError(
                f"{what}: there is no module {error.name!r}.{_near(error.name)}{_hidden(name)} Looked in {_places()}; "
                "--path DIR adds a folder."
            ) from error


def module_of_file(file: Path, what: str) -> ModuleType:
    """That file as a module, under its own name unless another module has it; raises UsageError."""
    reach([str(file.parent)])
    name = file.stem
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file):
        return known
    with explained(what):
        try:
            return _executed(file, name, what)
        except ImportError as error:
            if "relative import" not in str(error):
                raise
            package = file.parent.name
            raise UsageError(
                f"{what}: {place_and_reason(error)}\n"
                f"{package} is a package: start in the folder above it, and name the job as {package}.{name}:JOB."
            ) from error


def _executed(file: Path, name: str, what: str) -> ModuleType:
    """Under that name, unless another module has it."""
    found = importlib.util.find_spec(name) if name.isidentifier() and name not in sys.modules else None
    if found is not None and found.origin == str(file):
        return importlib.import_module(name)
    alone = f"job_{name}"
    spec = importlib.util.spec_from_file_location(alone, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{what}: {file} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[alone] = module
    spec.loader.exec_module(module)
    return module


def place_of(function: Callable[..., Any], name: str = "") -> Place:
    """Where a function is defined."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    name = name or f"{function.__module__}:{getattr(function, '__qualname__', repr(function))}"
    code = getattr(function, "__code__", None)
    return Place(name) if code is None else Place(name, shown(code.co_filename), code.co_firstlineno)


def shown(file: str) -> str:
    """Relative to the current directory, where it lies below."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file


def _reason(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"{error.msg} (is it installed in {sys.prefix}?)"
    if isinstance(error, SystemExit):
        return f"it ends the process (SystemExit: {error.code})"
    if isinstance(error, KeyboardInterrupt):
        return "KeyboardInterrupt"
    text = error.msg if isinstance(error, SyntaxError) else said(error)
    if "null bytes" in text:
        text += " (is it saved as UTF-8?)"
    return f"{type(error).__name__}: {text}"[:REASON_CHARACTERS]


def _line(text: str | None) -> str:
    return f"\n    {text.strip()}" if text and text.strip() else ""


def _is_machinery(file: str) -> bool:
    return file.startswith(("<", *OUR_FOLDERS)) or file == importlib.__file__


def is_of_the_user(file: str) -> bool:
    """Whether a module's file is neither the workbench's, nor Python's, nor of an installed package."""
    return not _is_machinery(file) and not _is_installed(file)


@cache
def _is_installed(file: str) -> bool:
    """Whether it belongs to an installed package or to Python, rather than to the user."""
    path = Path(file)
    if not INSTALLED.isdisjoint(path.parts):
        return True
    places = sysconfig.get_paths()
    return any(path.is_relative_to(places[kind]) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def _places() -> str:
    ours = [folder for folder in sys.path if folder and not _is_installed(folder) and not folder.endswith(".zip")]
    return ", ".join(dict.fromkeys(ours)) or "no folder but Python's own"


def _near(name: str) -> str:
    """The module beside it whose name is nearest."""
    parent, _, last = name.rpartition(".")
    package = sys.modules.get(parent)
    folders = list(getattr(package, "__path__", [])) if parent else sys.path
    names = {path.stem for folder in folders if Path(folder).is_dir() for path in Path(folder).glob("*")}
    nearest = get_close_matches(last, names, n=1, cutoff=0.6)
    return f" Did you mean {f'{parent}.' if parent else ''}{nearest[0]}?" if nearest else ""


def _hint(error: BaseException) -> str:
    """What else may be the cause: a package of theirs that has a name of ours."""
    if not isinstance(error, (ImportError, AttributeError)):
        return ""
    hidden = next((theirs for name in OURS if name in str(error) and (theirs := _theirs(name)) is not None), None)
    return f"\n{hidden} cannot be imported: the workbench has a package of that name. Rename yours." if hidden else ""


def _hidden(module: str) -> str:
    """Another module of that name in the folders of the user, which is not imported."""
    top = module.partition(".")[0]
    theirs = _theirs(top)
    loaded = getattr(sys.modules.get(top), "__file__", None)
    if theirs is None or loaded is None or Path(loaded).is_relative_to(theirs.parent):
        return ""
    return f" {shown(str(theirs))} has the same name, and is not imported: installed modules come first."


def _theirs(name: str) -> Path | None:
    """A package or module of that name in the current directory."""
    folder = Path.cwd()
    return next((path for path in (folder / name, folder / f"{name}.py") if path.exists()), None)
