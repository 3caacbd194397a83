"""Values of a job in messages."""

from typing import Any

SHOWN_CHARACTERS = 200


def cut(value: Any, most: int = SHOWN_CHARACTERS) -> str:
    """Its text, not longer than that."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
