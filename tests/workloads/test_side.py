"""What a side declares: a part that does not exist, is missing or has a wrong type is an error where it stands."""

from typing import Any

import pytest

from workloads.side import AsyncioSide, CelerySide, SideError


async def fetch(url: str) -> str:
    """A coroutine function."""
    return url


def plain(url: str) -> str:
    """A function that is none."""
    return url


def test_the_least_is_a_coroutine_function_or_a_task() -> None:
    """Everything else has a default."""
    assert AsyncioSide(run=fetch).resources is None
    assert CelerySide(task=object()).is_one_task


@pytest.mark.parametrize(
    ("kind", "parts", "message"),
    [
        (
            AsyncioSide,
            {"run": fetch, "resource": plain},
            "AsyncioSide has no part 'resource'. Did you mean 'resources'?",
        ),
        (AsyncioSide, {"rnu": fetch}, "AsyncioSide has no part 'rnu'. Did you mean 'run'?"),
        (CelerySide, {"task": object(), "canvass": plain}, "CelerySide has no part 'canvass'. Did you mean 'canvas'?"),
        (CelerySide, {"task": object(), "xyzzy": 1}, "CelerySide has no part 'xyzzy'. Valid: task, canvas, request,"),
        (AsyncioSide, {"resources": plain}, "AsyncioSide needs the part 'run'"),
        (CelerySide, {}, "CelerySide needs the part 'task'"),
        (
            AsyncioSide,
            {"run": plain},
            r"AsyncioSide\(run=…\) must be a coroutine function \(async def\); got <function",
        ),
        (AsyncioSide, {"run": fetch, "resources": 1}, r"AsyncioSide\(resources=…\) must be callable; got 1"),
        (AsyncioSide, {"run": fetch, "start": None}, r"AsyncioSide\(start=…\) must be callable; got None"),
        (AsyncioSide, {"run": fetch, "ignores": "client"}, r"\(ignores=…\) must be a tuple of names; got 'client'"),
        (CelerySide, {"task": object(), "request": plain}, r"CelerySide\(request=…\) must be a coroutine function"),
        (CelerySide, {"task": object(), "several": 3}, r"CelerySide\(several=…\) must be True or False; got 3"),
        (CelerySide, {"task": object(), "canvas": plain, "beat_schedule": plain}, "one of canvas and beat_schedule"),
    ],
)
def test_a_wrong_part_is_an_error(kind: Any, parts: dict[str, Any], message: str) -> None:
    """With the nearest name, or the type that is wanted."""
    with pytest.raises(SideError, match=message):
        kind(**parts)


def test_parts_are_given_by_name() -> None:
    """The message says how."""
    with pytest.raises(SideError, match=r"by name, as in AsyncioSide\(run=…\)"):
        AsyncioSide(fetch)  # type: ignore[call-arg]
