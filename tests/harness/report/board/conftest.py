"""The run that is kept for the docs, as a document and as it is published."""

import gzip
from pathlib import Path

import msgspec
import pytest

from harness.report.board.verifying import published
from harness.results import store
from harness.results.model import Results

EXAMPLE = Path(__file__).resolve().parents[4] / "docs" / "example" / "quick.json.gz"


@pytest.fixture(scope="session")
def measured() -> Results:
    """A real run."""
    return store.parse(gzip.decompress(EXAMPLE.read_bytes()), EXAMPLE.name, EXAMPLE.parent)


@pytest.fixture(scope="session")
def brief(measured: Results) -> Results:
    """Two rows of it."""
    return msgspec.structs.replace(measured, cells=measured.cells[:2])


@pytest.fixture(scope="session")
def entry(measured: Results) -> Results:
    """As it is published."""
    return published(measured)
