"""Values as JSON, whatever the names of files are that stand in them."""

from collections.abc import Callable
from typing import Any

import msgspec

Plain = Callable[[Any], Any]


def encoded(value: Any, plain: Plain | None = None) -> bytes:
    """As JSON; a byte of a name that is not UTF-8, which Python reads as half a character, becomes a question mark.

    `plain` makes builtin values of what msgspec does not know.
    """
    try:
        return msgspec.json.encode(value, enc_hook=plain)
    except UnicodeEncodeError:
        return msgspec.json.encode(_readable(msgspec.to_builtins(value, enc_hook=plain, str_keys=True)))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_readable(key): _readable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(each) for each in value]
    return value
