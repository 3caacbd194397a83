"""A template is compiled once, and again only when it has changed."""

import os
import sys
from pathlib import Path

import jinja2
import pytest

from harness.report.page import templates
from harness.report.page.templates import HERE, Templates


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sources in the order in which they were compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    seen: list[str] = []
    usual = jinja2.Environment.compile

    def compile_(self: jinja2.Environment, source: str, *rest: object) -> object:
        seen.append(source)
        return usual(self, source, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", compile_)
    return seen


def rendered(folder: Path) -> str:
    """As by another process: what is in memory is not used."""
    return jinja2.Environment(loader=Templates(folder), autoescape=True).get_template("a.html").render(x=1)


def test_another_process_takes_what_was_compiled(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the template has changed, or what compiles it."""
    (tmp_path / "a.html").write_text("{{ x }}")
    assert [rendered(tmp_path), rendered(tmp_path)] == ["1", "1"]
    assert compiled == ["{{ x }}"]
    (tmp_path / "a.html").write_text("{{ x }}!")
    os.utime(tmp_path / "a.html", (1, 1))
    assert rendered(tmp_path) == "1!"
    monkeypatch.setattr(templates, "version", lambda _: "another")
    assert rendered(tmp_path) == "1!"
    assert compiled == ["{{ x }}", "{{ x }}!", "{{ x }}!"]


def test_no_module_has_the_name_of_a_template() -> None:
    """Both would be compiled to the same file."""
    assert not {place.stem for place in HERE.glob("*.html")} & {place.stem for place in HERE.glob("*.py")}
