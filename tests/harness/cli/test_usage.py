"""Bad usage of the command line: one line in our words, exit status 2; and what it says of itself."""

import re
import sys
from pathlib import Path

import pytest
import typer.main

from harness import registry
from harness.cli.main import assembled, main
from harness.errors import UsageError

WORDS = re.compile(r"(?<![\w-])--?[a-z][a-z-]*|\bJOB\b")
"""Options as a message names them."""


def ended(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit status of `workbench` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
    monkeypatch.setattr("harness.cli.main.streams.protect", lambda: None)
    with pytest.raises(SystemExit) as raised:
        main()
    assert isinstance(raised.value.code, int)
    return raised.value.code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--workers", "foo"), "'foo' is not one of 'embedded', 'external'."),
        (("run", "--drivers", "1001"), "expected at most 1000."),
        (("serve", "--port", "abc"), "expected a valid integer."),
        (("nope",), "no such command 'nope'."),
        (
            ("list", "plns"),
            "'workloads', 'contenders', 'settings', 'loads', 'faults', 'plans', 'ladders'. Did you mean 'plans'?",
        ),
        (("rnu",), "no such command 'rnu'. Did you mean 'run'?\n"),
        (("report",), "missing argument 'RUN'."),
        (
            ("run", "--set", "sleep.draw=foo", "-w", "sleep"),
            "unknown value of sleep.draw 'foo' in --set. Valid: exponential, fixed.",
        ),
        (("run", "--set", "sleep.seconds=abc", "-w", "sleep"), "sleep.seconds = 'abc': expected a number, got text."),
        (("explain", "cieling"), "Did you mean ceiling"),
    ],
)
def test_bad_usage_is_said_in_plain_words(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the prefixes of the libraries that found it."""
    assert ended(*arguments, monkeypatch=monkeypatch) == 2
    err = capsys.readouterr().err
    assert err.startswith("workbench: ")
    assert said in err
    assert not any(theirs in err for theirs in ("Value error", "Input should", "`float`", "None", "Traceback"))


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("size", "--rate", "5/s", "--job", "sleep:secnds=1"), "--job"),
        (("size", "--rate", "5/s", "--job", "sleep:seconds=soon"), "--job"),
        (("size", "--rate", "5/s", "--job", "sleep:draw=any"), "--job"),
        (("size", "--rate", "5/s", "--job", "sleep:seconds"), "--job"),
        (("size", "--rate", "5/s", "--job", "slep:seconds=1"), "--job"),
        (("size", "--rate", "5/s", "--job", "slep"), "--job"),
        (("size", "--rate", "5/s", "--job", "nosuch.py"), "--job"),
        (("size", "--rate", "5/s", "--job", "blocking_call:how=inline,threads=3"), "--job"),
        (("size", "--rate", "5/s", "--job", "sleep", "--set", "sleep.secnds=1"), "--set"),
        (("decide", "slep"), "JOB"),
        (("decide", "nosuch.py"), "JOB"),
        (("decide", "cancel", "--set", "cancel.after_ms=90000"), "--set"),
        (("run", "-w", "slep:seconds=1"), "-w"),
        (("run", "-w", "sleep", "--load", "replay:nosuch.csv"), "--load"),
        (("run", "--rounds", "many"), "--rounds"),
        (("run", "--boots", "50"), "--boots"),
        (("run", "--requests", "2000000000"), "--requests"),
    ],
)
def test_what_is_wrong_is_told_with_the_option_in_which_it_stands(
    arguments: tuple[str, ...], place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no other option is named: it would be searched for in vain."""
    assert ended(*arguments, monkeypatch=monkeypatch) == 2
    assert set(WORDS.findall(capsys.readouterr().err)) == {place}


@pytest.mark.parametrize("option", ["--broker", "--result-backend", "--origin", "--postgres"])
def test_what_stands_in_the_environment_is_told_so(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody finds it on the command line; where it is given there too, that counts."""
    variable = f"WORKBENCH_{option[2:].replace('-', '_').upper()}"
    monkeypatch.setenv(variable, "nowhere")
    assert ended("run", monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().err.startswith(f"workbench: {option} (env var: '{variable}') 'nowhere': ")
    assert ended("run", option, "here", monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().err.startswith(f"workbench: {option} 'here': ")


OF_LIBRARIES = re.compile(
    r"Value error|ValueError|Input should|pydantic|typer|click|msgspec|`(float|int|str)`|Traceback"
)
CHECKED = [
    (name, option.opts[-1])
    for name, subcommand in typer.main.get_command(assembled()).commands.items()  # type: ignore[attr-defined]
    for option in subcommand.params
    if option.opts[-1].startswith("--") and option.type_descriptor.annotation not in (str, list[str], bool, Path)
]
"""Every option whose value the library checks, with its command."""


@pytest.mark.parametrize(("command", "option"), CHECKED)
def test_a_wrong_value_of_any_option_is_said_in_plain_words(
    command: str, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never in those of the library that found it."""
    assert ended(command, f"{option}=x", monkeypatch=monkeypatch) == 2
    err = capsys.readouterr().err
    assert err.startswith("workbench: ")
    assert option in err
    assert not OF_LIBRARIES.search(err), err


@pytest.mark.parametrize("contender", ["nosuch", "fak", "celery-thread"])
def test_what_tests_need_is_not_suggested(contender: str) -> None:
    """The contender without work is among no valid names."""
    with pytest.raises(UsageError) as refused:
        registry.check("contender", contender, "-c")
    assert "fake" not in str(refused.value)
    assert registry.check("contender", "fake", "-c") == "fake"


def test_without_arguments_it_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends as bad usage does: there was nothing to do."""
    assert ended(monkeypatch=monkeypatch) == 2
    assert "explain" in capsys.readouterr().out


def test_it_says_its_version_and_those_of_what_it_measures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each."""
    assert ended("--version", monkeypatch=monkeypatch) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("workbench ")
    assert second.startswith("celery ")


def test_what_tests_need_is_not_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The contender without work; tuned ones are, as a setting."""
    assert ended("list", monkeypatch=monkeypatch) == 0
    listing = capsys.readouterr().out
    assert "virtual time" not in listing
    assert listing.count("+tuned") == 2
    assert "None" not in listing


def test_names_and_what_they_are_stand_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However long a name is; on a terminal, no line is longer than it."""
    assert ended("list", "loads", monkeypatch=monkeypatch) == 0
    assert all("  " in line for line in capsys.readouterr().out.splitlines())
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    assert ended("list", monkeypatch=monkeypatch) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
