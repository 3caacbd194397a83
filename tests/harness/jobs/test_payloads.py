"""What a job is called with: keyword arguments, whichever way they are given; what is wrong has its place."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.jobs.payloads import Payloads, by_position, check_fits
from workloads.job import Job


async def fetch(url: str, times: int = 1) -> str:
    """A coroutine function."""
    return url * times


def payloads(given: Any, base: Path = Path()) -> Payloads:
    """Those of a job, for a function that takes `url` and `times`."""
    return Payloads(Job(coroutine=fetch, payloads=given), ["url", "times"], base)


def test_arguments_are_given_by_name_by_position_or_alone() -> None:
    """A list starts again at its end."""
    listed = payloads([{"url": "a"}, ["b", 2], "c"])
    assert [listed.of(number) for number in range(4)] == [
        {"url": "a"},
        {"url": "b", "times": 2},
        {"url": "c"},
        {"url": "a"},
    ]
    assert [listed.of(number).number for number in range(4)] == [0, 1, 2, 0]
    assert listed.count == 3


def test_a_function_makes_the_payload_of_each_number() -> None:
    """However large."""
    made = payloads(lambda number: {"url": str(number)})
    assert made.of(2**41) == {"url": str(2**41)}
    assert made.count is None


@pytest.mark.parametrize(
    "text",
    [
        '[{"url": "a"}, "b"]',
        '{"url": "a"}\n"b"\n',
        '\ufeff"a"\r\n"b"\r\n',
        '\n{"url": "a"}\n\n["b"]\n',
        '["a"]\n["b"]\n',
        ' [ "a",\n "b" ]',
    ],
)
def test_a_file_holds_a_list_or_a_value_a_line(tmp_path: Path, text: str) -> None:
    """A line may be a list too."""
    (tmp_path / "given.jsonl").write_text(text)
    found = payloads("given.jsonl", tmp_path)
    assert [found.of(0), found.of(1), found.count] == [{"url": "a"}, {"url": "b"}, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"url": "a"}\n{"url": }\n', r"line 2: no JSON: .*\n    \{\"url\": \}"),
        ("", "it holds none"),
        ("[1, 2", "no JSON"),
        ('{"url": NaN}', "line 1: a payload must be JSON"),
        ('["a", 1, 2]\n[1]', "line 1: 3 arguments by position, but the job takes url, times"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_line(tmp_path: Path, text: str, message: str) -> None:
    """And the reason."""
    (tmp_path / "given.jsonl").write_text(text)
    with pytest.raises(UsageError, match=message):
        payloads(tmp_path / "given.jsonl")


@pytest.mark.parametrize("text", [None, b"\xff"])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: bytes | None) -> None:
    """It is missing, or is no text."""
    if text is not None:
        (tmp_path / "given").write_bytes(text)
    with pytest.raises(UsageError, match="No such file" if text is None else "not UTF-8"):
        payloads("given", tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"url": b"x"}], "payload 0: a payload must be JSON"),
        ([{1: "x"}], "payload 0: names of arguments must be text"),
        ([["a", 1, 2]], "payload 0: 3 arguments by position"),
        (lambda number: 1 / number, r"payloads\(0\) of <lambda>: .*test_payloads.py, line [0-9]+: ZeroDivisionError"),
        (lambda number: {"url": object()}, r"payloads\(0\) of <lambda>: a payload must be JSON"),
    ],
)
def test_what_is_no_payload_is_named(given: Any, message: str) -> None:
    """By its number, or by its function."""
    with pytest.raises(UsageError, match=message):
        payloads(given).of(0)


def test_arguments_that_do_not_fit_are_shown_beside_what_is_taken() -> None:
    """With the function's signature."""
    signature = inspect.signature(fetch)
    check_fits(signature, {"url": "a"}, "fetch", "payload 0")
    with pytest.raises(UsageError, match=r"payload 3: fetch does not take .*\n.*\(url: str.*\n.*link="):
        check_fits(signature, {"link": "a"}, "fetch", "payload 3")
    assert by_position(signature) == ["url", "times"]


def test_a_line_ends_where_json_lines_end(tmp_path: Path) -> None:
    """Other separators of lines may stand within a text."""
    (tmp_path / "given.jsonl").write_text('"a\u2028b\x85"\n', "utf-8")
    assert payloads("given.jsonl", tmp_path).of(0) == {"url": "a\u2028b\x85"}
