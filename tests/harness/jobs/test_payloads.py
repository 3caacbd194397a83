"""What a job is called with: keyword arguments, whichever way they are given; what is wrong has its place."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.jobs import payload_files
from harness.jobs.calling import by_position, check_fits
from harness.jobs.payloads import Payloads
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
    ("name", "text"),
    [
        ("given.json", '[{"url": "a"}, "b"]'),
        ("given", '{"url": "a"}\n"b"\n'),
        ("given.jsonl", '\ufeff"a"\r\n"b"\r\n'),
        ("given.jsonl", '\n{"url": "a"}\n\n["b"]\n'),
        ("given.json", '["a"]\n["b"]\n'),
        ("given.txt", ' [ "a",\n "b" ]'),
        ("given.csv", "url\r\na\r\nb\r\n"),
        ("given.tsv", 'url\n"a"\n\nb'),
    ],
)
def test_a_file_holds_a_list_or_a_value_a_line(tmp_path: Path, name: str, text: str) -> None:
    """A line may be a list too; a table has a header."""
    (tmp_path / name).write_text(text, newline="")
    found = payloads(name, tmp_path)
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


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("given.csv", "url,times\na\n", "line 2: expected 2 cells; got 1: a"),
        ("given.csv", "url,times\na,b,c,d\n", "line 2: expected 2 cells; got 4: a, b, c, d"),
        ("given.csv", "url,url\na,b\n", "line 1: each column needs a name of its own"),
        ("given.csv", "url\n", "it holds none"),
        ("given.json", "[]", "it holds none"),
        ("given.json", '[\n{"url": 1},\n{"url": }]', r"line 3: no JSON: .*\n    \{\"url\": \}\]"),
        ("given.txt", "hello\nworld", "line 1: no JSON: .*\n    hello\nExpected JSON"),
        ("given.json", "[" * 100_000, "line 1: no JSON: maximum recursion"),
    ],
)
def test_other_files_are_refused_with_what_is_expected(tmp_path: Path, name: str, text: str, message: str) -> None:
    """And the line."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=message):
        payloads(name, tmp_path)


def test_one_value_alone_is_one_payload(tmp_path: Path) -> None:
    """An object over several lines; a line of JSON lines, also where it is a list."""
    (tmp_path / "given.json").write_text('{\n "url": "a"\n}\n')
    (tmp_path / "given.jsonl").write_text('["a", 2]\n')
    assert [payloads("given.json", tmp_path).of(n) for n in (0, 1)] == [{"url": "a"}] * 2
    assert payloads("given.jsonl", tmp_path).of(0) == {"url": "a", "times": 2}


def test_a_large_file_is_read_as_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the places of its lines are held, and only those of the first ones; a wrong one is named once it is read."""
    monkeypatch.setattr(payload_files, "IN_MEMORY", 60)
    monkeypatch.setattr(payload_files, "LINES_MOST", 4)
    lines = ['"a"', "", '{"url": "b"}', '["c", 2]', "{", *['"z"'] * 20]
    (tmp_path / "given.jsonl").write_text("\ufeff" + "\n".join(lines))
    found = payloads("given.jsonl", tmp_path)
    assert found.count == 4
    assert [found.of(number) for number in (0, 1, 2, 4)] == [
        {"url": "a"},
        {"url": "b"},
        {"url": "c", "times": 2},
        {"url": "a"},
    ]
    assert found.of(6).number == 2
    with pytest.raises(UsageError, match=r"given.jsonl, line 5: no JSON"):
        found.of(3)
    (tmp_path / "given.json").write_text("[\n" + ",\n".join(['"a"'] * 20) + "]")
    with pytest.raises(UsageError, match="So large a file must have one JSON value a line"):
        payloads("given.json", tmp_path)


def generator(number: int) -> Any:
    """Of payloads."""
    yield number


async def waits(number: int) -> Any:
    """For a payload."""
    return number


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (generator, r"test_payloads.py, line \d+: generator is a generator function.*Return the payload of that"),
        (waits, "waits is an async def"),
        (lambda number: (each for each in [number]), r"payloads\(0\) of <lambda>: it returned a generator"),
    ],
)
def test_a_generator_is_told_what_to_be(given: Any, message: str) -> None:
    """A function that returns one payload."""
    with pytest.raises(UsageError, match=message):
        payloads(given).of(0)


def test_both_sides_get_a_payload_as_a_broker_delivers_it() -> None:
    """Tuples within are lists, and keys are texts."""
    assert payloads([("a", ({1: "x"},))]).of(0) == {"url": "a", "times": [{"1": "x"}]}
