"""Templates as Python has its modules: what they are compiled to lies in `__pycache__`, until they change.

To compile those of a report takes a quarter of a second of CPU, at the end of every run.
"""

import binascii
from collections.abc import MutableMapping
from importlib.machinery import SourceFileLoader
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

HERE = Path(__file__).parent


class Templates(jinja2.BaseLoader):
    """Those of this folder, by their names."""

    def __init__(self, folder: Path = HERE) -> None:
        self._folder = folder

    def load(
        self, environment: jinja2.Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> jinja2.Template:
        """The template, compiled now or before."""
        code = _Code(environment, name, self._folder / name).get_code(name)
        return environment.template_class.from_code(environment, code, dict(globals or {}), None)  # type: ignore[arg-type]


class _Code(SourceFileLoader):
    """What one is compiled to, by Jinja instead of Python."""

    def __init__(self, environment: jinja2.Environment, name: str, place: Path) -> None:
        super().__init__(name, str(place))
        self._environment = environment

    def source_to_code(self, data: Any, path: Any, *_: Any, **__: Any) -> Any:  # type: ignore[override] # as here
        return self._environment.compile(bytes(data).decode("utf-8"), self.name, str(path))

    def path_stats(self, path: str) -> Any:
        """Also of what it is compiled by: the version of Jinja, and the options in the module beside this one."""
        own = super().path_stats(path)
        by = super().path_stats(str(HERE / "rendering.py"))
        return {**own, "mtime": binascii.crc32(repr((own, by, version("jinja2"))).encode())}
