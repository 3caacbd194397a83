"""Writes `docs/words.md` from the glossary: `make docs`."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("words.md")
sys.path.insert(0, str(REPOSITORY))

from harness.report.words.glossary import as_markdown  # noqa: E402  # found by the line above

HEAD = """# Words

Written by `make docs` from `harness/report/words/`; do not edit. `workbench explain WORD` says the same, with
examples of doubts too. What to do is in italics, an example in brackets.

"""


def page() -> str:
    """The whole page."""
    return HEAD + as_markdown()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
