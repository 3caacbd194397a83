"""What lies in boards/ is what `submit` writes, and the board shows it."""

import re
from pathlib import Path

import msgspec
import pytest

from harness.report.board.anonymous import anonymised
from harness.report.board.board import Entry, judged
from harness.results import store

SENTENCES = re.compile(rb'"text":"[^"]*","advice":"[^"]*"')
"""Of a doubt: the board shows those of today's glossary, whatever an entry says."""
ENTRIES = sorted((Path(__file__).resolve().parents[4] / "boards").glob("*/"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_verifies_and_says_nothing_that_is_not_published(entry: Path) -> None:
    """Later versions may name it otherwise: its name is a hash of all that they know."""
    document = store.read(entry)
    assert entry.name == f"{document.run.plan}-{document.run.id}"
    verdict = judged(entry.name, document)
    assert isinstance(verdict, Entry), verdict
    again = anonymised(document)
    run = msgspec.structs.replace(again.run, id=document.run.id)
    again = msgspec.structs.replace(again, schema=document.schema, run=run)
    first, second = (SENTENCES.sub(b"", msgspec.json.encode(each)) for each in (again, document))
    assert first == second


def test_there_is_one() -> None:
    """Of the plan whose answer takes a minute."""
    assert any(entry.name.startswith("quick-") for entry in ENTRIES)
