"""layers-csv: one row a layer of each figure that was taken apart, with the ends of its interval."""

from collections.abc import Iterator
from typing import Any

from harness.report.formats.csv import written
from harness.report.formats.format import Format
from harness.results.model import Layers, Results
from harness.statistics.layers import is_undecided


class LayersCsv(Format):
    """`difference_ms` of a figure's rows add up to its `whole_ms`, and `share_percent` to 100."""

    summary = "one row a layer of what was taken apart (plan layers)"

    def render(self, results: Results) -> str:
        """RFC 4180, with a line of headings."""
        return written([row for one in results.layers for row in _rows(results, one)])


def _rows(results: Results, one: Layers) -> Iterator[dict[str, Any]]:
    for place, layer in enumerate(one.layers):
        low, high = layer.ci95 or (None, None)
        yield {
            "run": results.run.id,
            "started": results.run.started,
            "workload": one.workload,
            "contender": layer.contender,
            "load": one.load.text,
            "views": one.view,
            "figure": one.figure,
            "place": place,
            "layer": layer.name,
            "difference_ms": layer.difference,
            "difference_low_ms": low,
            "difference_high_ms": high,
            "undecided": is_undecided(layer) if place else False,
            "share_percent": layer.share,
            "whole_ms": one.whole,
            "rounds": one.rounds,
            "boots": one.boots,
        } | {f"param_{key}": value for key, value in one.params.items()}


FORMAT = LayersCsv()
