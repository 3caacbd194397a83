"""Writes `docs/workloads.md` from the definitions and both bodies: `make workloads`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("workloads.md")
sys.path.insert(0, str(REPOSITORY))

from harness import registry  # noqa: E402  # found by the line above

HEAD = """# The workloads

Written by `make workloads` from the definitions; do not edit. Each is one definition (`workloads/catalogue/`), one
coroutine (`asyncio_side/`) and one module of tasks (`celery_side/tasks/`). The bodies have no timing and no harness in
them: copy what you need. A request that is several Celery tasks needs several slots, so that a ceiling at matched slots
is not its limit.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name) for name in registry.names("workload"))


def _section(name: str) -> str:
    kind = registry.load("workload", name)
    parts = [f"\n## {name}\n", f"{_sentence(kind.summary)}\n", f"{inspect.cleandoc(kind.__doc__ or '')}\n"]
    parts.append(f"**In practice:** {kind.in_practice}.\n\n**Look at** {kind.look_at}.\n")
    if rows := _parameters(kind.Params):
        parts.append("| parameter | default | |\n| --- | --- | --- |\n" + "".join(rows))
    for title, folder in (("asyncio", "asyncio_side"), ("Celery", "celery_side/tasks")):
        source = (REPOSITORY / folder / f"{name}.py").read_text().rstrip()
        parts.append(f"**{title}** (`{folder}/{name}.py`)\n\n```python\n{source}\n```\n")
    return "\n".join(parts)


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
    PAGE.write_text(page())
