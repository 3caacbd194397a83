"""The declaration of a job: what is unknown or wrong is an error that says what would be right."""

from typing import Any

import pytest

from workloads.job import Job
from workloads.side import AsyncioSide, CelerySide, SideError


async def fetch(url: str) -> str:
    """A coroutine function."""
    return url


def test_the_least_is_a_coroutine_or_a_task() -> None:
    """Each itself, as a side, or where it is."""
    for given in ({"coroutine": fetch}, {"coroutine": AsyncioSide(run=fetch)}, {"task": "shop.tasks:fetch_task"}):
        Job(**given)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "Job needs a coroutine or a task"),
        ({"coroutine": fetch, "payload": [1]}, r"Job has no part 'payload'. Did you mean 'payloads'\?"),
        ({"coroutine": fetch, "payloads": []}, "payloads=…. must be a list, a function"),
        ({"coroutine": fetch, "payloads": 3}, "payloads=…. must be a list, a function"),
        ({"coroutine": 3}, "coroutine=…. must be a coroutine function"),
        ({"coroutine": fetch, "ignore": "date"}, "ignore=…. must be a list of names"),
        ({"coroutine": fetch, "ideal_s": 0}, "ideal_s=…. must be a number of seconds above 0"),
        ({"coroutine": fetch, "ideal_s": True}, "ideal_s=…. must be a number of seconds above 0"),
        ({"coroutine": fetch, "name": 5}, "name=…. must be a text"),
        ({"task": CelerySide(task=None, stop=print)}, "these are for scenarios"),
    ],
)
def test_a_wrong_part_is_named(parts: dict[str, Any], message: str) -> None:
    """With the nearest name, or with what it must be."""
    with pytest.raises(SideError, match=message):
        Job(**parts)
