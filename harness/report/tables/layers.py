"""What a figure is made of: one row a layer, with the difference that it makes."""

from collections.abc import Iterable

from harness.report.doubted import in_a_sentence
from harness.report.table import BLANK, Column, Note, Row, Section, Table, Value
from harness.results.model import Layer, Layers, Results
from harness.statistics.layers import TITLES, is_about_layers, is_undecided

COLUMNS = (
    Column("layer", "layer", rank=1),
    Column("measured_by", "measured by", rank=4),
    Column("difference", "adds", "ms", digits=3, rank=2),
    Column("interval", "95 % interval", rank=3),
    Column("share", "of the whole", "%", digits=3, decimals=1, rank=5),
)
ABOUT = "each row is a contender less the one before it, round by round; the rows add up to the last one"
UNDECIDED = "Undecided, because the interval includes 0: {}."


def sections(document: Results) -> Iterable[Section]:
    """One for each workload of a view of layers; its first table alone is shown at once where others come before it."""
    first = is_about_layers(document.run.views)
    by_workload: dict[tuple[str, str, str], list[Layers]] = {}
    for one in document.layers:
        by_workload.setdefault((one.view, one.workload, repr(one.params)), []).append(one)
    for (view, workload, _), found in by_workload.items():
        what = "what it is made of" if first else f"what {TITLES[found[0].figure]} is made of, {found[0].load.text}"
        yield Section(
            title=f"{workload} — {view}: {what}",
            about=ABOUT,
            tables=[_table(one)._replace(detail=not first and one is not found[0]) for one in found],
            layers=found,
            doubts=in_a_sentence(cell for cell in document.cells if view in cell.views and cell.workload == workload),
        )


def _table(one: Layers) -> Table:
    undecided = [layer.name for layer in one.layers[1:] if is_undecided(layer)]
    notes = [Note(UNDECIDED.format("; ".join(undecided)))] if undecided else []
    return Table(
        key=f"layers-{one.figure}-{one.load.text}".replace("_", "-").replace(":", "-"),
        title=f"{TITLES[one.figure]}, {one.load.text}",
        about=ABOUT,
        columns=COLUMNS,
        rows=[*map(_row, one.layers), Row({"layer": "the whole", "difference": one.whole, "share": 100})],
        notes=notes,
    )


def _row(layer: Layer) -> Row:
    interval = f"{layer.ci95[0]:,.3g} … {layer.ci95[1]:,.3g}" if layer.ci95 else BLANK
    values: dict[str, Value] = {
        "layer": layer.name,
        "measured_by": layer.contender,
        "difference": layer.difference,
        "share": layer.share,
    }
    return Row({**values, "interval": interval})
