"""Writes `docs/results.md` from the types of the results document: `make docs`."""

from __future__ import annotations

import ast
import inspect
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

This page describes `results.json` in the run's folder; `--json FILE` writes the same document to another place. It is
replaced atomically after every trial, so a reader never sees an incomplete one.

`schema` is `workbench/MAJOR.MINOR`. The workbench reads its own minor version and lower ones, and rejects unknown keys.
The major version changes when a key is renamed.

Units are part of the names: `_s`, `_ms`, `_ns`, `_per_s`, `_mb` (10⁶ bytes). Unknown values are `null`, never 0. An
*interval* is the lower and the upper end of a 95 % interval.
"""

TAIL = """
## Files beside the document

The run's folder also contains `report.md`, `report.html`, the logs of the processes in `logs/`, and `progress.jsonl`:
the events of the run, one per line, each with its `type` (step, begin, trial_begins, current, window,
trial_ends, end).
`workbench serve` follows it.

With `--profile`, it also contains `profiles/ORDER.folded` for each trial that was sampled: its folded stacks, one per
line, as `flamegraph.pl` and speedscope read them: the role, the thread with its id, the functions with their files, the
outermost first, and the number of samples.

With `--stamps`, it also contains `stamps/ORDER.npy` for each trial, by its `order`: a NumPy array (int64) with one row
per request, in the order of completion. Its columns: number, due, start, publish_end, exec_start, exec_end, done (ns of
a monotonic clock, 0 if there is none), status (0 ok, 1 wrong, 2 failed, 3 lost). Rows of the warm-up are included.

## Versions

- 1.12: `time_scale` of a run (`--time-scale`); `grew` and `tries` of what `workbench size --verify` saw, whose `held`
  may be null: it could not be told;
  `shard` of a broker, `shards` of the usage of a broker.
- 1.11: `time_up` of a run (`--max-time`); `sizing` of a run (`workbench size`); `memory_before_mb` and
  `memory_peak_mb` of a surge; `speed` and `file_sha256` of a load (`replay`).
- 1.10: `crash` and `surge` of a trial; `fault`, `fault_at`, `factor` and `lasts_s` of a load of these kinds;
  `wanted_per_s`, `beyond` and `failing` of a decision; `profile` of a trial (`--profile`); `had_slots` of a trial,
  `cpu_model` of a worker;
  `voluntary_switches` and `involuntary_switches` of a usage; `broker_messages`, and messages in `broker_calls`.
- 1.9: `decision` of a run (`workbench decide`); `issued` and `look` of a trial; `accepted` of the usage of a broker;
  side `reference`; `layers`, and `layers` as `matched` of a view, with its `parts`.
- 1.7: `status` of a trial and of a cell may be `impossible`: its figures break a bound that is known by other means.
- 1.8: a trial has `boot` and a run has `boots` and `kept`: the services are started afresh several times within a run.
  `status` of a trial may be `disturbed`. A comparison has `boots` and `family`, and its verdict may be `undecided`;
  pairs without a crossover have `ratios` and `boots`. The machine has `frozen_s`.
  A cell has `not_in_effect`: what was asked for and did not reach it. A rung has `limit` and `target` (`--why`).
- 1.6: `matched` of a view is `resources` instead of `means`.
- 1.5: `tuning` of a cell; `rung` of a view; `scalings`.
- 1.4: `highest_rate` of a cell; `ended` of a run.
- 1.3: `drivers` of a trial; `broker` of a cell; `brokers` of the environment, each with the `backend` that stores its
  results.
- 1.2: a trial's timeline; `drivers` of a cell.
- 1.1: machine, served, slot_overhead_ms and cpu_s_per_1000 of a trial; intervals of latencies, means of stages and the
  floor of a summary; `transport`; `busiest_cpu_s`.
- 1.0: the first version.
"""

PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "any value"}


def page() -> str:
    """The whole page."""
    places: dict[type[msgspec.Struct], list[str]] = {}
    _find(Results, "", places)
    return HEAD + "".join(_section(kind, where) for kind, where in places.items()) + TAIL


def _find(hint: Any, place: str, places: dict[type[msgspec.Struct], list[str]]) -> None:
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
        f"| `{field.encode_name}` | {shown(hints[field.name])} | {said.get(field.name, '')} |\n"
        for field in msgspec.structs.fields(kind)
    ]
    where = ", ".join(f"`{place}`" for place in places) if places[0] else "The document."
    about = inspect.cleandoc(kind.__doc__ or "")
    return f"\n## {kind.__name__}\n\n{where}\n\n{about}\n\n| key | value | |\n| --- | --- | --- |\n{''.join(rows)}"


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
