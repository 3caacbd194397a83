"""Copies a value of typed data by a list of what is kept: numbers, choices, and texts that a rule lets through.

Whatever is in no list is left out, also what a later version adds. Pure.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

Rule = Callable[[str], bool]
"""Whether a text is kept."""
Rules = Mapping[str, Rule]
"""`Type.field` → which texts of that field are kept, of a mapping which keys; `Type.field{}` → which of its texts."""
Kind = TypeVar("Kind", bound=msgspec.Struct)


def nothing(_: str) -> bool:
    """Keeps no text."""
    return False


def kept(value: Kind, rules: Rules) -> Kind:
    """A copy with what is kept: other texts are empty, or null where they may be; other keys are left out."""
    copied: Kind = _Keeping(rules).struct(value)
    return copied


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, inspect.Type]:
    """The types of its fields."""
    described = inspect.type_info(kind)
    return {field.name: field.type for field in described.fields} if isinstance(described, inspect.StructType) else {}


class _Keeping:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def struct(self, value: msgspec.Struct) -> Any:
        kind = type(value)
        changes = {
            name: self._of(getattr(value, name), of, f"{kind.__name__}.{name}") for name, of in _fields(kind).items()
        }
        return msgspec.structs.replace(value, **changes)

    def _of(self, value: Any, kind: inspect.Type, place: str) -> Any:
        if isinstance(kind, inspect.UnionType):
            return self._of_union(value, kind, place)
        if isinstance(value, msgspec.Struct):
            return self.struct(value)
        if isinstance(kind, inspect.LiteralType) or value is None or isinstance(value, bool | int | float):
            return value  # decoded as its type, so it is one of the choices
        if isinstance(value, str):
            return value if self._rules.get(place, nothing)(value) else ""
        if isinstance(kind, inspect.DictType):
            return self._of_dict(value, kind, place)
        return self._of_items(value, kind, place)

    def _of_union(self, value: Any, kind: inspect.UnionType, place: str) -> Any:
        if value is None:
            return None
        known = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        copied = self._of(value, known[0], place)
        return None if copied == "" and len(known) < len(kind.types) else copied

    def _of_dict(self, value: dict[str, Any], kind: inspect.DictType, place: str) -> dict[str, Any]:
        rule = self._rules.get(place, nothing)
        copied = {key: self._of(one, kind.value_type, place + "{}") for key, one in value.items() if rule(key)}
        return {key: one for key, one in copied.items() if one != "" and (one is not None or value[key] is None)}

    def _of_items(self, value: Any, kind: inspect.Type, place: str) -> Any:
        if not isinstance(value, list | tuple):
            return None
        if isinstance(kind, inspect.TupleType):
            return tuple(self._of(one, of, place) for one, of in zip(value, kind.item_types, strict=True))
        of = getattr(kind, "item_type", inspect.AnyType())
        copied = [self._of(one, of, place) for one in value]
        return type(value)(
            one for one, before in zip(copied, value, strict=True) if one != "" and type(one) is type(before)
        )
