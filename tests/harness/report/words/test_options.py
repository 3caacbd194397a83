"""No message names an option that the command which shows it does not have."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

import harness
from harness.cli.main import assembled
from harness.report.words.options import NAMED, OPTIONS, OWNED, command_of, said_for


@cache
def messages() -> list[str]:
    """Every text of the harness with an option in it: not documentation, nor an option by itself, as in an argv."""
    texts = (file.read_text("utf-8") for file in sorted(Path(harness.__path__[0]).rglob("*.py")))
    return [text for source in texts if NAMED.search(source) for text in _in(ast.parse(source))]


def _in(tree: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    about = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = (node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in about)
    for text in constants:
        if isinstance(text, str) and NAMED.search(text) and NAMED.sub("", text).strip(" :="):
            yield text


def options_of(command: str) -> set[str]:
    """As its help lists them."""
    group = typer.main.get_command(assembled())
    has = {name for option in group.commands[command].params for name in option.opts}  # type: ignore[attr-defined]
    return {name for name in has if name.startswith("--")}


@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_the_options_of_each_command_are_those_that_it_has(command: str) -> None:
    """As its help lists them."""
    assert options_of(command) == OPTIONS[command]


@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_each_message_names_options_that_its_command_has(command: str) -> None:
    """Or says whose they are; options of other programs stay as they are."""
    others = options_of("run") - OPTIONS[command]
    wrong = [
        (match[1], text)
        for text in (said_for(command, message) for message in messages())
        for match in NAMED.finditer(text)
        if match[1] in others
        and not OWNED.search(text[: match.start()])
        and not text[match.end() :].startswith(" of workbench run")
    ]
    assert wrong == []


def test_there_are_messages_to_look_at() -> None:
    """The search above finds them."""
    assert len(messages()) > 40
    assert any("--duration" in text for text in messages())


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        (
            "decide",
            "measure longer (--duration), or warm up longer (--warmup)",
            "measure longer (--time), or warm up longer (--warmup of workbench run)",
        ),
        ("decide", "use --rounds 5 or more", "use --time, which leaves time for more rounds"),
        ("decide", "with --at-most N and --requests N.", "with --at-most N and --requests N of workbench run."),
        ("run", "use --rounds 5 or more", "use --rounds 5 or more"),
        ("decide", "-w my_job.py: there is no such file.", "JOB my_job.py: there is no such file."),
        ("run", "-w my_job.py: there is no such file.", "-w my_job.py: there is no such file."),
        ("decide", "Start it: workbench driver --broker URL", "Start it: workbench driver --broker URL"),
        ("decide", "raise it (docker run --cpus)", "raise it (docker run --cpus)"),
        ("serve", "try --duration", "try --duration"),
    ],
)
def test_an_option_of_another_command_is_named_as_such(command: str, text: str, said: str) -> None:
    """What does the same there is named instead."""
    assert said_for(command, text) == said


def test_the_command_of_a_run_is_read_from_its_line() -> None:
    """As documents keep it."""
    assert command_of("workbench decide my_job.py --yes") == "decide"
    assert command_of("") == ""
