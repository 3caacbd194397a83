"""Compares two replies as JSON values: equal but for the fields that may differ, or where they are not."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

AS_TEXT = (Decimal, UUID)


class NotJson(ValueError):
    """Raised for a reply that has no form as JSON; the text says where."""


def plain(reply: Any) -> Any:
    """The reply as JSON has it; raises NotJson.

    Dates, decimals, UUIDs and bytes are texts; sets are lists in order; dataclasses and pydantic models are their
    fields: so are both sides' replies alike, whichever types a serializer has kept.
    """
    try:
        return json.loads(json.dumps(reply, default=as_json))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


def as_json(value: Any) -> Any:
    """A value that JSON has no form for, as `plain` writes it; raises TypeError."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, AS_TEXT):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return repr(bytes(value))
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=json.dumps)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if (dump := _dump_of(value)) is not None:
        return dump()
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} is not JSON")


def _dump_of(value: Any) -> Callable[[], Any] | None:
    """What makes JSON of a value that says how: kombu's `__json__`, or a pydantic model as Celery dumps it."""
    if isinstance(value, type):
        return None
    if callable(hook := getattr(value, "__json__", None)):
        return hook  # type: ignore[no-any-return]
    if callable(dump := getattr(value, "model_dump", None)):
        return lambda: dump(mode="json")
    return None


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
