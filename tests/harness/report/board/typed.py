"""Makes a document in which every text of every type is the same one, and everything that may be there is."""

from typing import Any

import msgspec
from msgspec import inspect

from harness.results.model import Results


def filled(text: str) -> Results:
    """A document of nothing but that text, where a text can stand."""
    return msgspec.convert(_of(inspect.type_info(Results), text), Results)


def _of(kind: inspect.Type, text: str) -> Any:
    if isinstance(kind, inspect.StructType):
        return {field.encode_name: _of(field.type, text) for field in kind.fields}
    if isinstance(kind, inspect.UnionType):
        return _of(next(one for one in kind.types if not isinstance(one, inspect.NoneType)), text)
    if isinstance(kind, inspect.DictType):
        return {text: _of(kind.value_type, text)}
    if isinstance(kind, inspect.TupleType):
        return [_of(one, text) for one in kind.item_types]
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return [_of(kind.item_type, text)]
    if isinstance(kind, inspect.LiteralType):
        return "none" if "none" in kind.values else kind.values[0]
    return {inspect.IntType: 1, inspect.FloatType: 1.0, inspect.BoolType: True}.get(type(kind), text)
