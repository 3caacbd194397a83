"""Writes `docs/workloads.md` from the definitions and both bodies: `make docs`."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("workloads.md")
sys.path.insert(0, str(REPOSITORY))

from harness import registry  # noqa: E402  # found by the line above

HEAD = """# The workloads

Written by `make docs` from the definitions; do not edit. Each workload has one definition (`workloads/catalogue/`), one
coroutine (`asyncio_side/`) and one module of tasks (`celery_side/tasks/`). The code has no timing and no harness in it:
copy what you need. Only the declaration at the end of each module is left out (`SIDE = …`, see
[Adding a workload](adding-a-workload.md)). What they share is at the end of the page.

A request that consists of several Celery tasks needs several slots, so it has no ceiling.
"""
SHARED = (
    "workloads/promises.py",
    "asyncio_side/http.py",
    "celery_side/app.py",
    "celery_side/http.py",
    "celery_side/process.py",
    "celery_side/replies.py",
)


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name) for name in registry.names("workload")) + _shared()


def _section(name: str) -> str:
    kind = registry.load("workload", name)
    parts = [f"\n## {name}\n", f"{_sentence(kind.summary)}\n", f"{inspect.cleandoc(kind.__doc__ or '')}\n"]
    about = f"**It is about** {kind.is_about.name} (`{kind.is_about.key}`)."
    parts.append(f"**In practice:** {kind.in_practice}.\n\n{about}\n\n**Look at** {kind.look_at}.\n")
    if rows := _parameters(kind.Params):
        parts.append("| parameter | default | |\n| --- | --- | --- |\n" + "".join(rows))
    for title, folder in (("asyncio", "asyncio_side"), ("Celery", "celery_side/tasks")):
        body = body_of((REPOSITORY / folder / f"{name}.py").read_text("utf-8"))
        parts.append(f"**{title}** (`{folder}/{name}.py`)\n\n```python\n{body}\n```\n")
    return "\n".join(parts)


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


def _shared() -> str:
    """What the modules import of the project, by the first paragraph of each."""
    return "".join(["\n## What they share\n\n", *(f"- `{place}`: {_about(place)}\n" for place in SHARED)])


def _about(place: str) -> str:
    text = ast.get_docstring(ast.parse((REPOSITORY / place).read_text("utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def _parameters(params: Any) -> list[str]:
    hints = get_type_hints(params, include_extras=True)
    defaults = dict(zip(params.__struct_fields__, params.__struct_defaults__, strict=True))
    return [f"| `{name}` | `{defaults[name]}` | {_description(hints[name])} |\n" for name in params.__struct_fields__]


def _description(hint: Any) -> str:
    found = [meta.description for meta in get_args(hint)[1:] if getattr(meta, "description", None)]
    return str(found[-1]) if found else ""


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
