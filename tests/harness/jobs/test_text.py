"""Values of a job can be shown, whatever they are."""

import asyncio

from harness.contenders.contender import attempt, error_text
from harness.jobs.text import cut


class Odd(Exception):
    """What cannot be written."""

    def __repr__(self) -> str:
        """Fails."""
        raise RuntimeError("no")

    __str__ = __repr__


def test_what_python_cannot_write_is_its_type() -> None:
    """A message about it would fail else, in the wrong place."""
    assert cut(10**5000) == "(a value of the type int, which Python cannot write)"
    assert cut(Odd()) == "(a value of the type Odd, which Python cannot write)"
    assert cut("x" * 300) == "x" * 199 + "…"


def test_an_exception_that_has_no_text_is_an_outcome_all_the_same() -> None:
    """Its request has failed, and the trial goes on."""
    assert error_text(Odd()) == "Odd: (its text fails: RuntimeError)"


def test_an_exception_that_says_nothing_is_told_by_its_cause() -> None:
    """As of a message that RabbitMQ refuses, which kombu raises again as an error without a word."""
    nacked = LookupError("no room")
    for outer, told in ((OSError(), "LookupError: no room"), (OSError("wrapped"), "OSError: wrapped")):
        outer.__cause__ = nacked
        assert error_text(outer) == told
    assert error_text(KeyError()) == "KeyError: "


def test_a_time_limit_of_asyncio_is_told_as_such() -> None:
    """Its cause, the cancellation by which it ends the work, says nothing either."""

    async def late() -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    assert asyncio.run(attempt(late())) == (None, "TimeoutError: ")
