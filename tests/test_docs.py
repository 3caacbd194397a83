"""Generated pages are current."""

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_page_of_workloads_is_what_the_definitions_say() -> None:
    """Else: make workloads."""
    made = runpy.run_path(str(DOCS / "show_workloads.py"))
    assert (DOCS / "workloads.md").read_text() == made["page"]()
