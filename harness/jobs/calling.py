"""How a function is called with a payload, whose arguments have names: some parameters are given by position alone."""

import functools
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from harness.errors import UsageError
from harness.jobs.text import cut
from workloads.side import Work

NO_ARGUMENTS = "\nSay what it is called with: --payloads FILE, or Job(payloads=…)."
OF_AN_INSTANCE = "\nNobody gives it `self`: name the method of an instance; a task takes it with bind=True."
REST = "*"
"""Before the name of the parameter that takes all further arguments."""
_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Call(NamedTuple):
    """The arguments of a call."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def by_position(signature: inspect.Signature) -> list[str]:
    """Arguments that can be given by position, in order; `*NAME` at the end takes all others."""
    named = [name for name, parameter in signature.parameters.items() if parameter.kind in _BY_POSITION]
    return named + [f"{REST}{name}" for name in _rest(signature)]


def spreads(signature: inspect.Signature) -> bool:
    """Whether any argument cannot be given by its name."""
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    return not kinds.isdisjoint({inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL})


def call_of(signature: inspect.Signature, payload: Mapping[str, Any]) -> Call:
    """The call that gives a function these arguments, a list to its `*NAME`; raises TypeError if one is missing."""
    kwargs = dict(payload)
    rest = [item for name in _rest(signature) if isinstance(given := kwargs.pop(name, []), list) for item in given]
    args: list[Any] = []
    given_to = 0
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY or (rest and parameter.kind in _BY_POSITION):
            if name not in kwargs and parameter.default is parameter.empty:
                raise TypeError(f"missing a required argument: {name!r}")
            given_to = len(args) + 1 if name in kwargs or rest else given_to
            args.append(kwargs.pop(name, parameter.default))
    return Call((*args[:given_to], *rest), kwargs)


def spread(work: Work, signature: inspect.Signature) -> Work:
    """A coroutine function that takes all of a payload by name. `signature`: of what it takes beside what it shares."""

    @functools.wraps(work)
    async def call(*shared: Any, **payload: Any) -> Any:
        args, kwargs = call_of(signature, payload)
        return await work(*shared, *args, **kwargs)

    return call


def check_fits(
    signature: inspect.Signature, payload: Mapping[str, Any], who: str, where: str, if_missing: str = ""
) -> None:
    """Raise UsageError if a function does not take these arguments. `if_missing`: what to do where one is missing."""
    try:
        for name in _rest(signature):
            if not isinstance(payload.get(name, []), list):
                raise TypeError(f"*{name} takes a list of arguments; got {cut(repr(payload[name]), 60)}")
        args, kwargs = call_of(signature, payload)
        signature.bind(*args, **kwargs)
    except TypeError as error:
        gets = ", ".join(f"{name}={cut(repr(value), 60)}" for name, value in payload.items())
        raise UsageError(
            f"{where}: {who} does not take these arguments: {error}.\n"
            f"    it takes  {signature}\n"
            f"    it gets   {gets or 'nothing'}"
            f"{if_missing if payload and 'missing' in str(error) else ''}"
            f"{'' if payload else NO_ARGUMENTS}{OF_AN_INSTANCE if 'self' in signature.parameters else ''}"
        ) from None


def _rest(signature: inspect.Signature) -> list[str]:
    """The name of the parameter that takes all further arguments, if there is one."""
    kind = inspect.Parameter.VAR_POSITIONAL
    return [name for name, parameter in signature.parameters.items() if parameter.kind is kind]
