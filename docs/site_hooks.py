"""What the site adds to docs/ (mkdocs.yml): pages and text that lie elsewhere, and links that lead to and from them."""

import os.path
import posixpath
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from docs import show_results, show_workloads  # noqa: E402  # found by the line above

ELSEWHERE = {
    "README.md": "index.md",
    "benchmarks/README.md": "benchmarks.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "deploy/kubernetes/README.md": "kubernetes.md",
}
"""Pages outside docs/ → where the site has them."""
WHOLE = {"results.md": show_results.on_the_site, "workloads.md": show_workloads.on_the_site}
"""Pages whose files link to modules, which the site does not have → the page with what is in these."""
LINK = re.compile(r"(\]\()([^)\s:#]+)((?:#[^)\s]*)?\))")
"""A link to a file of the repository: no scheme, no mere anchor."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for source, target in ELSEWHERE.items():
        files.append(File.generated(config, target, content=(REPOSITORY / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as the site needs them; Markdown within what folds."""
    place = page.file.src_uri
    source = next((given for given, target in ELSEWHERE.items() if target == place), f"docs/{place}")
    text = WHOLE[place]() if place in WHOLE else markdown
    led = LINK.sub(lambda found: f"{found[1]}{_on_the_site(found[2], source, place)}{found[3]}", text)
    return led.replace("<details>", '<details markdown="1">')


def _on_the_site(link: str, source: str, place: str) -> str:
    """A link of `source`, a file of the repository, as the page at `place` has it."""
    led = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    target = ELSEWHERE.get(led, led.removeprefix("docs/"))
    return os.path.relpath(target, posixpath.dirname(place) or ".")
