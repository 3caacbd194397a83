"""An error in a line."""

import pytest

from harness.results.text import in_a_line, readable

ANNOUNCED = "the worker has ended ({}); its last lines:\n    -------------- celery@host\n    {}"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("the broker did not answer within 3 s.", "the broker did not answer within 3 s"),
        (
            ANNOUNCED.format("exit status 1", "no module"),
            "the worker has ended (exit status 1): no module",
        ),
        (
            ANNOUNCED.format("exit status 1: OSError: [Errno 28] No space left", "x"),
            "the worker has ended (exit status 1: OSError: [Errno 28] No space left)",
        ),
        (
            "job.py: the Celery side was not ready within 30 s. Its last lines:\n    (it wrote nothing)",
            "job.py: the Celery side was not ready within 30 s",
        ),
        ("ValueError: a\nb", "ValueError: a"),
        ("\n", ""),
        ("", ""),
    ],
)
def test_an_error_in_a_line_has_the_line_that_tells(error: str, shown: str) -> None:
    """Its first one; with what a process wrote last where no exception is named: never a banner."""
    assert in_a_line(error) == shown


def test_a_file_holds_nothing_that_a_terminal_obeys() -> None:
    """Neither commands, nor what turns the direction of writing; blanks, tabs and line ends stay as they are."""
    assert readable("a\x1b[31m\x9b2J\u202eb\r\n\t\u00a0é") == "a\\x1b[31m\\x9b2J\\u202eb\r\n\t\u00a0é"
