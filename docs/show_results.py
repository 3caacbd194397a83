"""Writes `docs/results.md` from the types of the document: `make docs`. The site's page has their fields, too."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("results.md")
sys.path.insert(0, str(REPOSITORY))

from harness.results.model import Results  # noqa: E402  # found by the line above

HEAD = """# The results document

Written by `make docs` from the types in `harness/results/`; do not edit.

`results.json` lies in the run's folder, and is replaced atomically after every trial. As tables: `workbench report RUN`
with `--format csv` (a row a trial) or `summary-csv` (a row a cell).

- `schema` is `workbench/MAJOR.MINOR`: a major version renames keys, a minor one adds some. The workbench reads its own
  minor version and lower ones, and rejects unknown keys.
- Units are part of the names: `_s`, `_ms`, `_ns`, `_per_s`, `_mb` (10⁶ bytes).
- Unknown values are `null`, never 0.
- An *interval* is the lower and the upper end of a 95 % interval.

```python
import json

for cell in json.load(open("results.json"))["cells"]:
    if cell["summary"]:
        print(cell["workload"], cell["contender"], cell["slots"], cell["summary"]["throughput_per_s"])
```

```
jq '.cells[] | select(.summary) | [.workload, .contender, .slots, .summary.throughput_per_s]' results.json
```

## Files beside it

`report.md`, `report.html`, the logs of processes in `logs/`, and:

- `progress.jsonl`: the events of the run, one per line, each with its `type`.
- `profiles/ORDER.folded` of each trial that was sampled (`--profile`): stacks for `flamegraph.pl` and speedscope.
- `stamps/ORDER.npy` of each trial (`--stamps`): a NumPy array (int64), one row per request as they completed, those of
  the warm-up included. Columns: number, due, start, publish_end, exec_start, exec_end, done (ns of a monotonic
  clock, 0 if there is none), status (0 ok, 1 wrong, 2 failed, 3 lost).
"""
TYPES = """
## Its types

Each module has their fields. `make site` lists them all, and what each version has added.

"""
VERSIONS = """
## Versions

What minor versions have added. Older documents are read: what they lack has its default.

- 1.12: `time_scale` of a run; `grew` and `tries` of `verified`, whose `held` may be null; `shard` of a broker,
  `shards` of a broker's usage.
- 1.11: `time_up` and `sizing` of a run; `memory_before_mb` and `memory_peak_mb` of a surge; `speed` and
  `file_sha256` of a load.
- 1.10: `crash`, `surge`, `profile` and `had_slots` of a trial; `fault`, `fault_at`, `factor` and `lasts_s` of a
  load; `wanted_per_s`, `beyond` and `failing` of a decision; `cpu_model` of a worker; `voluntary_switches` and
  `involuntary_switches` of a usage; `broker_messages`, and messages in `broker_calls`.
- 1.9: `decision` of a run; `issued` and `look` of a trial; `accepted` of a broker's usage; side `reference`;
  `layers`, and `parts` of a view.
- 1.8: `boots` and `kept` of a run, `boot` of a trial; `disturbed`; `boots` and `family` of a comparison, whose
  verdict may be `undecided`; `frozen_s`; `not_in_effect` of a cell; `limit` and `target` of a rung.
- 1.7 and before: `impossible` (1.7), `tuning`, `rung` and `scalings` (1.5), `highest_rate` and `ended` (1.4),
  `drivers` and `brokers` (1.3), `timeline` (1.2).
"""

PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "any value"}


Places = dict[type[msgspec.Struct], list[str]]
"""Type → where in the document it stands."""


def page() -> str:
    """The whole page, with the types by their modules."""
    modules: dict[str, list[type[msgspec.Struct]]] = {}
    for kind in types():
        modules.setdefault(kind.__module__, []).append(kind)
    return HEAD + TYPES + "".join(_module(name, kinds) for name, kinds in modules.items())


def on_the_site() -> str:
    """The same with all fields of each type, and the versions."""
    return HEAD + "".join(_section(kind, where) for kind, where in types().items()) + VERSIONS


def _module(name: str, kinds: list[type[msgspec.Struct]]) -> str:
    path = f"{name.replace('.', '/')}.py"
    return f"- [{path}](../{path}): {'; '.join(f'`{kind.__name__}`, {_in_short(kind)}' for kind in kinds)}.\n"


def _in_short(kind: type[msgspec.Struct]) -> str:
    """The first clause of its docstring."""
    clause = re.split(r"[,;:.]", inspect.cleandoc(kind.__doc__ or ""))[0]
    return " ".join((clause[0].lower() + clause[1:]).split())


def types() -> Places:
    """All types of the document."""
    found: Places = {}
    _find(Results, "", found)
    return found


def _find(hint: Any, place: str, places: Places) -> None:
    """Add the types within a hint, and all below them, with where in the document each stands."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        places.setdefault(hint, []).append(place)
        hints = get_type_hints(hint)
        for field in msgspec.structs.fields(hint):
            _find(hints[field.name], f"{place}.{field.encode_name}".removeprefix("."), places)
        return
    for argument in get_args(hint):
        _find(argument, f"{place}[]" if get_origin(hint) is list else place, places)


def _section(kind: type[msgspec.Struct], places: list[str]) -> str:
    hints, said = get_type_hints(kind), meanings(kind)
    rows = [
        f"- `{field.encode_name}`: {'. '.join(filter(None, [shown(hints[field.name]), said.get(field.name)]))}\n"
        for field in msgspec.structs.fields(kind)
    ]
    where = ", ".join(f"`{place}`" for place in places) if places[0] else "The document."
    about = inspect.cleandoc(kind.__doc__ or "")
    return f"\n## {kind.__name__}\n\n{where}\n\n{about}\n\n{''.join(rows)}"


def meanings(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Key → the docstring that follows it in the type."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    said = {}
    for statement, following in pairwise(body):
        match (statement, following):
            case (ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text)))):
                said[name] = " ".join(text.split())
    return said


def shown(hint: Any) -> str:
    """A type in words, with a link to what is described on this page."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if hint is NoneType:
        return "null"
    if origin in (Union, UnionType):
        return " or ".join(shown(argument) for argument in arguments)
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is dict:
        return f"object of {_within(arguments[1])}"
    if hint == tuple[float, float]:
        return "interval"
    if origin in (list, tuple):
        return f"array of {_within(arguments[0])}"
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def _within(hint: Any) -> str:
    return f"({shown(hint)})" if get_origin(hint) in (Union, UnionType) else shown(hint)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
