"""The site of docs/ builds without a warning, and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"' >]*)""")
MADE_BY_HAND = {"index.html", "benchmarks.html", "changelog.html", "decide.html"}


def test_the_site_builds_without_a_warning_and_loads_nothing(tmp_path: Path) -> None:
    """Links, anchors and the order of pages are right: each warning is an error (mkdocs.yml)."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, [line for line in built.stderr.splitlines() if "WARNING" in line]) == (0, [])
    pages = {page.name: page.read_text("utf-8") for page in tmp_path.rglob("*.html")}
    assert pages.keys() >= MADE_BY_HAND
    assert {name: LOADED.findall(text) for name, text in pages.items() if LOADED.search(text)} == {}
