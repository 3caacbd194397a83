"""The diary: every process's visits, in every process."""

import asyncio
import os

from origin import diary
from origin.diary import Diary


async def test_visits_are_told_by_key() -> None:
    """In the order in which they came."""
    made = Diary()
    for key in ("a", "b", "a"):
        made.write(key)
    assert len(made.visits("a")) == 2
    assert len(made.visits("b")) == 1
    assert made.visits("c") == []
    assert made.visits("a") == sorted(made.visits("a"))


async def test_whoever_waits_is_woken_by_each_others_visits() -> None:
    """Also where somebody else has looked meanwhile."""
    made = Diary()
    one, other = (asyncio.create_task(made.wait("a", 2, 30)) for _ in range(2))
    await asyncio.sleep(0)
    made.write("a")
    made.visits("a")
    made.write("a")
    made.visits("b")
    assert await one == await other == made.visits("a")


async def test_a_wait_ends_with_what_there_is_when_its_time_is_over() -> None:
    """That may be nothing."""
    assert await Diary().wait("a", 1, 0.0) == []


async def test_a_process_sees_the_visits_of_others() -> None:
    """The origin's processes share it."""
    made = Diary()
    if (child := os.fork()) == 0:
        made.write("a")
        os._exit(0)
    os.waitpid(child, 0)
    assert len(made.visits("a")) == 1


async def test_old_visits_are_forgotten(monkeypatch: object) -> None:
    """A key whose first visit is long past."""
    made = Diary()
    made.write("old")
    assert made.visits("old")
    monkeypatch.setattr(diary, "KEPT_NS", -1)  # type: ignore[attr-defined]
    made.write("new")
    assert made.visits("old") == []
