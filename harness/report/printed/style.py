"""How a terminal shows texts: colours, spaces between columns, numbers kept beside their units."""

from rich.text import Text

from harness.report.wrapping import kept_together
from harness.results.text import printable

GAP = 2
COLOURS = {"asyncio": "cyan", "celery": "green"}
STYLES = {"note": "dim", "doubt": "yellow", "error": "red"}


def text_of(text: str, style: str = "") -> Text:
    """Whatever it holds: neither Rich's markup nor a terminal's commands."""
    return Text(kept_together(printable(text)), style=style)


def colour_of(side: str) -> str:
    """Of a side; none of what belongs to none."""
    return COLOURS.get(side, "")
