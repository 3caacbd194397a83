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
    ],
)
def test_a_page_is_what_its_script_writes(page: str, script: str) -> None:
    """Else: make docs."""
    made = runpy.run_path(str(DOCS / script))
    assert (DOCS / page).read_text() == made["page"]()
