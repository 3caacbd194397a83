"""Generated pages are current."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.mark.parametrize(
    ("page", "script"),
    [
        ("workloads.md", "show_workloads.py"),
        ("results.md", "show_results.py"),
        ("plans.md", "show_plans.py"),
        ("words.md", "show_words.py"),
        ("method.md", "show_deviations.py"),
        ("decide.md", "show_rules.py"),
        ("../README.md", "show_questions.py"),
    ],
)
def test_a_page_is_what_its_script_writes(page: str, script: str) -> None:
    """Else: make docs."""
    made = runpy.run_path(str(DOCS / script))
    assert (DOCS / page).read_text() == made["page"]()


def test_the_examples_are_what_todays_program_makes_of_their_documents() -> None:
    """README and the example's report; else: make docs."""
    made = runpy.run_path(str(DOCS / "show_examples.py"))
    for page, text in made["pages"]().items():
        assert page.read_text("utf-8") == text


def test_pictures_are_few_and_small_and_used() -> None:
    """At most six of 120 kB; each stands in a page; else: make pictures."""
    pictures = list((DOCS / "pictures").iterdir())
    assert len(pictures) <= 6
    pages = [*DOCS.glob("*.md"), DOCS.parent / "README.md"]
    texts = "".join(page.read_text("utf-8") for page in pages)
    for picture in pictures:
        assert picture.stat().st_size <= 120_000
        assert f"pictures/{picture.name})" in texts
