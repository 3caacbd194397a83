"""The user's own modules, found by their names below the folders of the job, and read as they are asked for."""

import ast
import sysconfig
from pathlib import Path
from typing import NamedTuple

from harness.jobs.importing import shown
from harness.spoilers.module import Definition, Module, method_of

MODULES_MOST = 200
"""Files that are read for one job."""
FOLLOWED_MOST = 8
"""Names that lead to other names, such as `from .client import fetch` in a package's `__init__`."""


class Found(NamedTuple):
    """A function, its module, and the class whose method it is."""

    module: Module
    function: Definition
    owner: ast.ClassDef | None = None


class OwnCode:
    """Modules below a folder; of a folder of installed packages, those of the job's own package alone."""

    def __init__(self, folder: Path, package: str = "") -> None:
        """`package`: the only top-level package that is the user's; empty: all below the folder are."""
        self._folder = folder
        self._package = package
        self._modules: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """The user's module of that name; None if there is none, or it cannot be read."""
        if name not in self._modules:
            is_theirs = not self._package or name.partition(".")[0] == self._package
            few = len(self._modules) < MODULES_MOST
            self._modules[name] = self._read(name) if is_theirs and few and _is_name(name) else None
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        path = self._folder.joinpath(*name.split("."))
        for file, is_package in ((path.with_name(f"{path.name}.py"), False), (path / "__init__.py", True)):
            if file.is_file():
                tree = parsed(file)
                return None if tree is None else Module(shown(str(file)), tree, name, is_package)
        return None

    def split(self, dotted: str) -> tuple[Module, list[str]] | None:
        """The longest beginning that is a module of the user's, and the names within it."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            if (module := self.module(".".join(parts[:length]))) is not None:
                return module, parts[length:]
        return None

    def function_at(self, dotted: str, left: int = FOLLOWED_MOST) -> Found | None:
        """The function of the user's that a name with dots stands for: also a method, and what makes an instance."""
        if left <= 0 or (found := self.split(dotted)) is None:
            return None
        module, names = found
        return self.function_in(module, names, left)

    def function_in(self, module: Module, names: list[str], left: int = FOLLOWED_MOST) -> Found | None:
        """The same for names within a module."""
        if left <= 0 or not 1 <= len(names) <= 2:
            return None
        first, rest = names[0], names[1:]
        if (owner := module.classes.get(first)) is not None:
            method = method_of(owner, rest[0] if rest else "__init__")
            return None if method is None else Found(module, method, owner)
        if not rest and (function := module.functions.get(first)) is not None:
            return Found(module, function)
        stands_for = module.imports.get(first) or (module.made.get(first) if rest else None)
        return self.function_by(module, ".".join([stands_for, *rest]), left - 1) if stands_for else None

    def function_by(self, module: Module, dotted: str, left: int = FOLLOWED_MOST) -> Found | None:
        """By the name of a module and a name in it, or by a name in `module` itself."""
        if left <= 0:
            return None
        return self.function_at(dotted, left) or self.function_in(module, dotted.split("."), left)

    def made_by(self, dotted: str) -> str | None:
        """Of `MODULE.NAME.method`, what NAME was made by in that module of the user's, and the method."""
        base, _, method = dotted.rpartition(".")
        if not base or (found := self.split(base)) is None:
            return None
        module, names = found
        for _ in range(FOLLOWED_MOST):
            if len(names) != 1:
                return None
            if (made := module.made.get(names[0])) is not None:
                return f"{made}.{method}"
            again = self.split(module.imports.get(names[0], ""))
            if again is None:
                return None
            module, names = again
        return None


NO_CODE = OwnCode(Path(), package="-")
"""Nothing beside the module itself."""


def own_code_of(file: Path, module: str) -> tuple[OwnCode, str]:
    """The code around a file that was imported as that module, and the module's name in it."""
    parts = module.split(".")
    path = file.parent if file.name == "__init__.py" else file.with_suffix("")
    if list(path.parts[-len(parts) :]) == parts:
        folder = path.parents[len(parts) - 1]
        return OwnCode(folder, parts[0] if _is_installed(folder) else ""), module
    return OwnCode(file.parent), file.stem  # a file that was loaded by itself


def parsed(file: Path) -> ast.Module | None:
    """Its syntax tree; None if it cannot be read."""
    try:
        return ast.parse(file.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None


def _is_name(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _is_installed(folder: Path) -> bool:
    places = sysconfig.get_paths()
    return any(folder == Path(places[kind]) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
