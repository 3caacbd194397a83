"""Writes the rules of `docs/decide.md` from their definition: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

PAGE = Path(__file__).with_name("decide.md")
sys.path.insert(0, str(PAGE.parents[1]))

from harness.report.card.rules import RULES  # noqa: E402  # found by the line above

BEGIN = "<!-- rules: written by `make docs` -->\n"
END = "<!-- end of the rules -->\n"
GROUPS = {
    "rate": "The rate",
    "speed": "Speed",
    "cost": "Cost",
    "advice": "What to take",
}


def page() -> str:
    """The whole page."""
    before, begin, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{PAGE}: the lines {BEGIN.strip()} and {END.strip()} are missing")
    return f"{before}{BEGIN}\n{as_markdown()}\n{END}{after}"


def as_markdown() -> str:
    """A list for each sentence, its rules in the order in which they are tried."""
    parts = []
    for group, heading in GROUPS.items():
        rules = [f"1. {rule.when[0].upper()}{rule.when[1:]}: *{rule.says}*." for rule in RULES if rule.group == group]
        parts.append("\n".join([f"**{heading}**", "", *rules]))
    return "\n\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
