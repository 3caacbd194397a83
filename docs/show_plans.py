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

A plan is a TOML file: `workbench run my.toml`. Those that come with the project (`workbench list plans`) are named
without the ending: `workbench run slots`. Keys are shown with their defaults.

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

`time_scale = 60`, or `--time-scale 60`, is for jobs of minutes: waits pass sixty times as fast, and so do settings that
are times (visibility timeout, time limits, `expires`, soft shutdown, the grace of `deadline-shutdown`). Times in the
report are those that passed; what a contender adds is not scaled. Refused: work that computes, jobs of your own, waits
that would be below 10 ms, rates and searches for them, workers elsewhere, queues with times of their own (RabbitMQ),
`kill-child` and `kill-broker`. `--time-scale 1` runs a plan like `long` in real time.
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
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in INTERNAL.get(kind, ())]
    rows = [_row(field, _shown(hints[field.name]), said.get(field.name, "")) for field in fields]
    about = inspect.cleandoc(kind.__doc__ or "")
    return f"\n## {title}\n\n{about}\n\n{''.join(rows)}"


def _row(field: msgspec.structs.FieldInfo, value: str, said: str) -> str:
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    key = field.name if default in (msgspec.NODEFAULT, None, "") else f"{field.name}={default}"
    plain = value in ("text", "true or false", "tables") and said
    return f"- `{key}`: {said if plain else f'{value}. {said}'}".rstrip() + "\n"


def _shown(hint: Any) -> str:
    """A type in words; tables within are named, not linked."""
    text = re.sub(r"array of \[\w+\]\(#\w+\)|object of .*", "tables", shown(hint))
    return re.sub(r" or null|[()]", "", text)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
