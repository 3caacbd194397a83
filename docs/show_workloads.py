"""Writes `docs/workloads.md` from the definitions: `make docs`. The site's page has the code of both sides, too."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("workloads.md")
sys.path.insert(0, str(REPOSITORY))

from harness import registry  # noqa: E402  # found by the line above

HEAD = """# The workloads

Written by `make docs` from the definitions in `workloads/catalogue/`; do not edit.

Copy the code: only the declaration at the end of a module (`SIDE = …`) is for [the workbench](adding-a-workload.md). A
request that is several Celery tasks takes several slots, and so has no ceiling. Parameters have their defaults here;
`--set WORKLOAD.PARAMETER=VALUE` changes them.
"""
SIDES = {"asyncio": "asyncio_side", "Celery": "celery_side/tasks"}
SHARED = (
    "workloads/promises.py",
    "asyncio_side/http.py",
    "celery_side/app.py",
    "celery_side/http.py",
    "celery_side/process.py",
    "celery_side/replies.py",
)
Show = Callable[[str, str], str]
"""What the page has of a side: by its title, and the path of its module."""


def page() -> str:
    """The whole page, with links to the code."""
    return _page(lambda title, path: f"[{title}](../{path})", ", ")


def on_the_site() -> str:
    """The same with the code itself, folded: the site has none of the files."""
    return _page(_folded, "\n")


def _page(show: Show, between: str) -> str:
    sections = "".join(_section(name, show, between) for name in registry.names("workload"))
    shared = between.join(show(path, path) for path in SHARED)
    return f"{HEAD}{sections}\n## What they share\n\n{shared}\n"


def _folded(_: str, path: str) -> str:
    body = body_of((REPOSITORY / path).read_text("utf-8"))
    return f"<details>\n<summary>{path}</summary>\n\n```python\n{body}\n```\n\n</details>\n"


def _section(name: str, show: Show, between: str) -> str:
    kind = registry.load("workload", name)
    practice = f"**In practice:** {kind.in_practice}. **Look at** {kind.look_at}.\n"
    parts = [f"\n## {name}\n", f"{_sentence(kind.summary)} {inspect.cleandoc(kind.__doc__ or '')}\n", practice]
    if rows := _parameters(kind.Params):
        parts.append("".join(rows))
    code = (show(title, f"{folder}/{name}.py") for title, folder in SIDES.items())
    return "\n".join([*parts, between.join(code) + "\n"])


def body_of(source: str) -> str:
    """A side's module without its declaration, and without the import that this needs."""
    lines: list[str | None] = list(source.splitlines())
    for node in ast.parse(source).body:
        declares = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SIDE"
        imports = isinstance(node, ast.ImportFrom) and node.module == "workloads.side"
        if declares or imports:
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [None] * (last - first)
            if lines[first - 1] == "" and lines[last : last + 1] == [""]:
                lines[first - 1] = None  # it stood alone between blank lines, of which one is enough
    body = "\n".join(line for line in lines if line is not None)
    return re.sub(r"\n{4,}", "\n\n\n", body).rstrip()


def _parameters(params: Any) -> list[str]:
    hints = get_type_hints(params, include_extras=True)
    defaults = dict(zip(params.__struct_fields__, params.__struct_defaults__, strict=True))
    return [f"- `{name}={defaults[name]}`: {_description(hints[name])}\n" for name in params.__struct_fields__]


def _description(hint: Any) -> str:
    found = [meta.description for meta in get_args(hint)[1:] if getattr(meta, "description", None)]
    return str(found[-1]) if found else ""


def _sentence(text: str) -> str:
    """With a capital, and an end."""
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
