"""The site of docs/ builds without a warning, loads nothing from elsewhere, and has what its files only link to."""

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from docs.show_results import types
from docs.show_workloads import SIDES, body_of
from harness import registry

ROOT = Path(__file__).resolve().parents[1]
LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"' >]*)""")
MADE_BY_HAND = {"index.html", "benchmarks.html", "changelog.html", "decide.html"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name of a page → its text; each warning is an error (mkdocs.yml)."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, [line for line in built.stderr.splitlines() if "WARNING" in line]) == (0, [])
    return {page.name: page.read_text("utf-8") for page in folder.rglob("*.html")}


def words(page: str) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def test_the_site_builds_without_a_warning_and_loads_nothing(site: dict[str, str]) -> None:
    """Links, anchors and the order of pages are right."""
    assert site.keys() >= MADE_BY_HAND
    assert {name: LOADED.findall(text) for name, text in site.items() if LOADED.search(text)} == {}


def test_the_page_of_the_workloads_has_the_code_of_both_sides(site: dict[str, str]) -> None:
    """Whole, but for each module's declaration."""
    said = words(site["workloads.html"])
    for name in registry.names("workload"):
        for folder in SIDES.values():
            assert body_of((ROOT / folder / f"{name}.py").read_text("utf-8")) in said


def test_the_page_of_the_document_has_every_field_of_every_type(site: dict[str, str]) -> None:
    """Under a heading of its type."""
    sections = dict(re.findall(r'<h2 id="(\w+)">(.*?)(?=<h2|</article>)', site["results.html"], re.DOTALL))
    for kind in types():
        said = sections[kind.__name__.lower()]
        missing = [f.encode_name for f in msgspec.structs.fields(kind) if f"<code>{f.encode_name}</code>" not in said]
        assert missing == []
