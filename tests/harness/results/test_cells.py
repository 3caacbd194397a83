"""Cells in the results document."""

from typing import Any

import msgspec
import pytest

from harness.loads.load import parse_load
from harness.results.model import LoadDescription

THROUGHPUT, LATENCIES = ["throughput_per_s"], ["latency_p50_ms", "latency_p99_ms"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("closed:64", {"ranked": THROUGHPUT, "clients": 64}),
        ("open:500/s", {"ranked": LATENCIES, "rate_per_s": 500.0, "arrivals": "poisson"}),
        ("open:0.5/s:uniform", {"ranked": LATENCIES, "rate_per_s": 0.5, "arrivals": "uniform"}),
        ("drain:5000", {"ranked": THROUGHPUT, "requests": 5000}),
        ("burst:1000", {"ranked": THROUGHPUT, "requests": 1000}),
    ],
)
def test_a_load_in_the_document_has_the_settings_of_its_kind_only(text: str, settings: dict[str, Any]) -> None:
    """These are the keys that documents have had since 1.0: those written before are read, and written as they were."""
    document = {"kind": text.partition(":")[0], "text": text} | settings
    described = parse_load(text, "the test").describe()
    assert msgspec.json.decode(msgspec.json.encode(described)) == document
    assert msgspec.json.decode(msgspec.json.encode(document), type=LoadDescription) == described
