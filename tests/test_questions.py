"""The commands in README and docs/ are ones that exist: each is parsed, and its plan made."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from harness.cli.main import assembled
from harness.cli.run_options import RunOptions
from harness.cli.size_options import SizeOptions
from harness.cli.sizing import prepared
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.report.words.glossary import find

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = 13
PAGES = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
OF_A_READER = re.compile(r"my_job|my\.toml|my-plan|shop\.|dns_lookup|\b[A-Z]{3,}\b|R/s|…|^workbench ab base")
NAMED_ALONE = re.compile(r"workbench (\w+)( --[a-z-]+)?")
"""Commands with files, names or addresses of one's own, and commands or options that are spoken of."""


def commands(page: str) -> list[str]:
    """Every command of a page: in a block, or between backticks."""
    text = (ROOT / page).read_text("utf-8")
    found = re.findall(r"(?:^|`)(workbench (?:run|decide|size|ab|list|ladder|explain)\b[^`\n#]*)", text, re.MULTILINE)
    return [command for command in found if not (OF_A_READER.search(command) or NAMED_ALONE.fullmatch(command))]


def parsed(command: str) -> tuple[str, dict[str, Any]]:
    """The subcommand and its parameters, as the command line reads them; fails where it would be bad usage."""
    _, name, *arguments = shlex.split(command)
    subcommand = typer.main.get_command(assembled()).commands[name]  # type: ignore[attr-defined]
    context = subcommand.make_context(name, arguments)
    return name, context.params


@pytest.mark.parametrize("command", sorted({command.strip() for page in PAGES for command in commands(page)}))
def test_each_command_is_one_that_exists(command: str) -> None:
    """Options, workloads, contenders, loads and plans; jobs of one's own and words are left out."""
    name, params = parsed(command)
    if name == "run":
        assert list(cells(make_plan(RunOptions(**params)), command))
    if name == "size":
        assert list(cells(prepared(SizeOptions(**params)).plan, command))


def test_each_question_has_one_command() -> None:
    """In the table of the README as in the page, with a link from the one to the other."""
    page, readme = ((ROOT / name).read_text("utf-8") for name in ("docs/questions.md", "README.md"))
    headings = re.findall(r"^## (\d+\. .*)$", page, re.MULTILINE)
    assert len(headings) == QUESTIONS
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1 : QUESTIONS + 1]:
        assert section.count("```") == 2
    anchors = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"\(docs/questions\.md#([^)]+)\)", readme) == anchors


def test_the_readme_is_read_in_a_few_minutes() -> None:
    """Under 120 lines; its words are in the glossary."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) < 120
    for word in ("slots", "ceiling", "undecided", "indicative", "limited by", "CPU a request"):
        assert word.lower() in text.lower()
        assert find(word)
