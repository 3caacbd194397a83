"""Compares two replies as JSON values: equal but for the fields that may differ, or where they are not."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

AS_TEXT = (Decimal, UUID)


class NotJson(ValueError):
    """Raised for a reply that a result backend could not store as JSON; the text says where."""


def plain(reply: Any) -> Any:
    """The reply as JSON has it; raises NotJson.

    Dates, decimals and UUIDs are texts, because Celery's serializer takes them too.
    """
    try:
        return json.loads(json.dumps(reply, default=_as_text))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


def _as_text(value: Any) -> Any:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, AS_TEXT):
        return str(value)
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} is not JSON")


def first(one: Any, other: Any, ignore: Sequence[str] = ()) -> str | None:
    """Path of the first difference between two JSON values, such as `order.items[3]`; None if there is none.

    The path of the values themselves is empty. `ignore`: names of fields anywhere, or their paths without indices.
    """
    return next(_differences(one, other, frozenset(ignore), "", ""), None)


def _differences(one: Any, other: Any, ignore: frozenset[str], path: str, fields: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            within = f"{fields}.{name}" if fields else name
            if name in ignore or within in ignore:
                continue
            below = f"{path}.{name}" if path else name
            if name not in one or name not in other:
                yield below
            else:
                yield from _differences(one[name], other[name], ignore, below, within)
    elif isinstance(one, list) and isinstance(other, list):
        for index, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from _differences(mine, theirs, ignore, f"{path}[{index}]", fields)
        if len(one) != len(other):
            yield f"{path}[{min(len(one), len(other))}]"
    elif not _same(one, other):
        yield path


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def at(value: Any, path: str) -> str:
    """What a value has at a path, as text; `nothing` where it ends before."""
    for part in path.replace("]", "").replace("[", ".[").split("."):
        if not part:
            continue
        if part.startswith("["):
            if not isinstance(value, list) or int(part[1:]) >= len(value):
                return "nothing"
            value = value[int(part[1:])]
        elif not isinstance(value, dict) or part not in value:
            return "nothing"
        else:
            value = value[part]
    return json.dumps(value, ensure_ascii=False)
