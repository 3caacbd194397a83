"""Turns a function that takes all its options as one typed value into a command."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

import typer

Kind = TypeVar("Kind")


def command(function: Callable[[Kind], int]) -> Callable[..., None]:
    """The function as Typer takes it: with a parameter for each option, ending with the status that it returns.

    Its one parameter is a dataclass. An option is what that class itself annotates, in this order; a field that is
    only inherited keeps its default.
    """
    (parameter,) = inspect.signature(function).parameters
    kind = get_type_hints(function)[parameter]

    def run(**given: Any) -> None:
        raise typer.Exit(function(kind(**given)))

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__annotations__ = inspect.get_annotations(kind)
    run.__signature__ = inspect.Signature(_parameters(kind))  # type: ignore[attr-defined]
    return run


def _parameters(kind: Any) -> list[inspect.Parameter]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(fields[name]), annotation=annotation)
        for name, annotation in inspect.get_annotations(kind).items()
    ]


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
