"""Commands that take their options as one typed value."""

from dataclasses import dataclass, field
from typing import Annotated

import typer
from typer.testing import CliRunner

from harness.cli.command import command


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a more general command can be asked."""

    name: str = "inherited"
    times: int = 3


@dataclass(frozen=True, kw_only=True)
class Options(Base):
    """What this one can be asked."""

    name: Annotated[str, typer.Argument()] = field()
    tags: Annotated[list[str], typer.Option("-t", "--tag")] = field(default_factory=list)


taken: list[Options] = []


def note(options: Options) -> int:
    """Note what was asked."""
    taken.append(options)
    return 7


def invoke(*arguments: str) -> tuple[int, str]:
    """Exit status and output."""
    taken.clear()
    app = typer.Typer()
    app.command()(command(note))
    ended = CliRunner().invoke(app, arguments)
    return ended.exit_code, ended.output


def test_the_options_are_one_value_and_what_the_function_returns_is_the_exit_status() -> None:
    """Annotated fields come from the command line, inherited ones keep their defaults."""
    status, _ = invoke("mine", "-t", "a", "--tag", "b")
    assert (status, taken) == (7, [Options(name="mine", tags=["a", "b"])])
    assert taken[0].times == 3


def test_what_is_left_out_has_the_default_of_its_field() -> None:
    """Each time a new list."""
    invoke("mine")
    (first,) = taken
    invoke("mine")
    assert first.tags == [] == taken[0].tags
    assert first.tags is not taken[0].tags


def test_a_field_without_a_default_is_required() -> None:
    """Even if the class above has one."""
    status, output = invoke()
    assert (status, taken) == (2, [])
    assert "Missing argument" in output


def test_a_field_that_is_only_inherited_is_no_option() -> None:
    """A command shows what it declares itself."""
    assert invoke("mine", "--times", "4")[0] == 2
    _, shown = invoke("--help")
    assert "--tag" in shown
    assert "--times" not in shown
