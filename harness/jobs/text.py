"""Values of a job in messages."""

from typing import Any

SHOWN_CHARACTERS = 200


def cut(value: Any, most: int = SHOWN_CHARACTERS) -> str:
    """Its text, not longer than that."""
    text = value if isinstance(value, str) else represented(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


FAILS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a value may raise where it is written: its own code does that."""


def represented(value: Any) -> str:
    """As Python writes it; its type where that fails, as for a number of 5,000 digits."""
    try:
        return repr(value)
    except FAILS:
        return f"(a value of the type {type(value).__qualname__}, which Python cannot write)"


def telling(error: BaseException) -> BaseException:
    """The exception itself; if it has no text, that from which it was raised and which has, as kombu raises amqp's."""
    cause = error.__cause__  # that of a TimeoutError of asyncio is a CancelledError without a word
    return cause if cause is not None and said(cause) and not said(error) else error


def said(error: BaseException) -> str:
    """The text of an exception; a word about it where it fails to say one."""
    try:
        return str(error)
    except FAILS as another:
        return f"(its text fails: {type(another).__name__})"
