"""Writes `docs/plans.md` from the types of plan and ladder files: `make docs`."""

import inspect
import re
import sys
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("plans.md")
sys.path.insert(0, str(REPOSITORY))

from docs.show_results import meanings, shown  # noqa: E402  # found by the line above
from harness.plan.ladder import Ladder, RungPlan  # noqa: E402  # found by the line above
from harness.plan.plan import Plan, ViewPlan  # noqa: E402  # found by the line above

HEAD = """# Plans and ladders

Written by `make docs` from the types in `harness/plan/`; do not edit.

A plan is a TOML file: `workbench run my.toml`. Those that come with the project are in `plans/` and are named without
the ending: `workbench run slots`. What is wrong in a file is reported with its place before anything starts (exit
status 2).

```toml
about = "does one process or sixteen serve my pages faster?"
rounds = 5
duration = "2s"

[[view]]
name = "pages"
matched = "slots"
workloads = ["http_date"]
contenders = ["asyncio:16", "celery-prefork:16"]
loads = ["closed:32"]
set.http_date.latency_ms = [10, 50, 200]
```

A list of values of a parameter, or of `slots`, `rates` or `clients_per_slot`, makes a row of each. From four values on,
the view is a sweep: it is reported by its lines, and by where one side overtakes the other.

`time_scale = 60`, or `workbench run … --time-scale 60`, is for jobs of minutes: a workload's waits pass sixty times
as fast, and so do the settings of contenders that are times (visibility timeout and how often a worker looks for it,
time limits, `expires`, a soft shutdown, the grace of `deadline-shutdown`). Each table says so in its title (*60 times
as fast*), and the report what it means: all times are those that passed, and what a contender adds is not scaled.
What would not be true is refused with the reason: work that computes or whose waits are not known (jobs of your own),
waits of which less than 10 ms would be left, rates and searches for them, workers that were started elsewhere, RabbitMQ
and other queues with times of their own, and faults whose end depends on such (`kill-child`, `kill-broker`).
`--time-scale 1` runs a plan like `long` in real time.
"""
LADDERS = """
# Ladders

A ladder changes one thing at a time and measures what each change gains: `workbench ladder my.toml`. Afterwards, the
safe changes that helped are measured together.

```toml
about = "what helps my task?"
base = "celery-prefork:8"
workload = "sleep"
loads = ["closed:16"]

[[rung]]
setting = "batch"

[[rung]]
name = "longer waits"
set = { seconds = [0.05, 0.2] }
```
"""
INTERNAL: dict[type[msgspec.Struct], frozenset[str]] = {
    ViewPlan: frozenset({"rung", "prefix", "look", "profile", "find_rate", "rest_s", "most_s", "stretch_s"})
}
"""Keys that the workbench sets itself."""


def page() -> str:
    """The whole page."""
    plans = _section("A plan", Plan) + _section("Each `[[view]]`", ViewPlan)
    return HEAD + plans + LADDERS + _section("A ladder", Ladder) + _section("Each `[[rung]]`", RungPlan)


def _section(title: str, kind: type[msgspec.Struct]) -> str:
    hints, said = get_type_hints(kind), meanings(kind)
    rows = [
        f"| `{field.name}` | {_shown(hints[field.name])} | {_default(field.default)} | {said.get(field.name, '')} |\n"
        for field in msgspec.structs.fields(kind)
        if field.name not in INTERNAL.get(kind, ())
    ]
    about = inspect.cleandoc(kind.__doc__ or "")
    return f"\n## {title}\n\n{about}\n\n| key | value | by default | |\n| --- | --- | --- | --- |\n{''.join(rows)}"


def _shown(hint: Any) -> str:
    """A type in words; tables within are named, not linked."""
    return re.sub(r"array of \[\w+\]\(#\w+\)", "tables", shown(hint)).replace(" or null", "")


def _default(value: Any) -> str:
    if value is msgspec.NODEFAULT:
        return ""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return "" if value in (None, "") else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
