"""Values of a job in messages."""

from typing import Any

SHOWN_CHARACTERS = 200


def cut(value: Any, most: int = SHOWN_CHARACTERS) -> str:
    """Its text, not longer than that."""
    text = value if isinstance(value, str) else represented(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def represented(value: Any) -> str:
    """As Python writes it; its type where that fails, as for a number of 5,000 digits."""
    try:
        return repr(value)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return f"a {type(value).__qualname__} that Python cannot write"
