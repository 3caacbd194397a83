"""Arguments by name become a call, whatever kinds of parameters a function has."""

import asyncio
import inspect
from typing import Any

import pytest

from harness.errors import UsageError
from harness.jobs.calling import by_position, call_of, check_fits, spread, spreads
from harness.jobs.payloads import named


async def usual(a: int, b: int = 2, *, k: int = 3, **options: Any) -> Any:
    """All of it can be given by name."""
    return [a, b, k, options]


async def rest(a: int, b: int = 2, *urls: Any, k: int = 3) -> Any:
    """Takes any number of arguments."""
    return [a, b, list(urls), k]


async def only(a: int, b: int = 2, /, c: int = 3) -> Any:
    """The first ones have no name for whoever calls it."""
    return [a, b, c]


@pytest.mark.parametrize(
    ("work", "payload", "reply"),
    [
        (rest, [1], [1, 2, [], 3]),
        (rest, [1, 5, "x", "y"], [1, 5, ["x", "y"], 3]),
        (rest, {"a": 1, "urls": ["x"], "k": 4}, [1, 2, ["x"], 4]),
        (rest, {"b": 1, "a": 7}, [7, 1, [], 3]),
        (only, [1], [1, 2, 3]),
        (only, {"a": 1, "c": 4}, [1, 2, 4]),
        (only, {"a": 1, "b": 5}, [1, 5, 3]),
    ],
)
def test_a_payload_is_spread_over_all_kinds_of_parameters(work: Any, payload: Any, reply: Any) -> None:
    """By name where that is possible."""
    signature = inspect.signature(work)
    by_name = named(payload, by_position(signature), "payload 0")
    check_fits(signature, by_name, "work", "payload 0")
    assert asyncio.run(spread(work, signature)(**by_name)) == reply


def test_most_functions_are_called_as_they_are() -> None:
    """With names alone; a default that nobody needs is not sent."""
    assert [spreads(inspect.signature(work)) for work in (usual, rest, only)] == [False, True, True]
    assert call_of(inspect.signature(usual), {"a": 1, "z": 2}) == ((), {"a": 1, "z": 2})
    assert call_of(inspect.signature(only), {"a": 1, "c": 3}) == ((1,), {"c": 3})


@pytest.mark.parametrize(
    ("work", "payload", "message"),
    [
        (rest, {"urls": [1]}, "missing a required argument: 'a'"),
        (rest, {"a": 1, "urls": "x"}, r"\*urls takes a list of arguments; got 'x'"),
        (only, {"b": 1}, "missing a required argument: 'a'"),
        (usual, {}, "--payloads FILE"),
        (lambda self, n: n, {"n": 1}, "Nobody gives it `self`"),
    ],
)
def test_what_does_not_fit_is_said(work: Any, payload: Any, message: str) -> None:
    """Beside what the function takes."""
    with pytest.raises(UsageError, match=message):
        check_fits(inspect.signature(work), payload, "work", "payload 0")


def test_too_many_by_position_are_counted() -> None:
    """Where no parameter takes the rest."""
    with pytest.raises(UsageError, match="1 argument by position, but the job takes none so: give an object with"):
        named(1, [], "payload 0")
