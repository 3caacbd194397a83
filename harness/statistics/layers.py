"""Takes a figure apart by contenders of which each adds something to the one before it. Pure functions.

Differences of neighbours telescope: over the same rounds, they add up to the last contender's figure exactly. The
model is that of `harness.statistics.intervals`, on the figures themselves instead of their logarithms, because what is
added up are milliseconds.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from harness.results.model import Cell, Layer, Layers, Trial, View
from harness.statistics.comparable import keeps_slots_busy
from harness.statistics.groups import groups
from harness.statistics.intervals import mean_of
from harness.statistics.metrics import ALONE, CPU, THROUGHPUT

WORK = "the work, in process"
Where = tuple[int, int]
"""Boot and round."""


class Figure(NamedTuple):
    """A figure that adds up, in milliseconds a request."""

    key: str
    title: str
    of: Callable[[Cell, Trial], float | None]


def _cpu_ms(cell: Cell, trial: Trial) -> float | None:
    return CPU.of_trial(trial)


def _alone_ms(cell: Cell, trial: Trial) -> float | None:
    alone = cell.load.text == ALONE and trial.latency_ms is not None
    return trial.latency_ms.mean if alone and trial.latency_ms else None


def _slot_ms(cell: Cell, trial: Trial) -> float | None:
    per_s = THROUGHPUT.of_trial(trial)
    full = cell.load.clients is not None and keeps_slots_busy(cell)
    return 1000 * cell.slots / per_s if full and cell.slots and per_s and cell.load.text != ALONE else None


FIGURES = (
    Figure("cpu_ms", "CPU a request", _cpu_ms),
    Figure("alone_ms", "latency of a request alone", _alone_ms),
    Figure("slot_ms", "time in a slot a request (slots ÷ throughput)", _slot_ms),
)
TITLES = {figure.key: figure.title for figure in FIGURES}


def is_undecided(layer: Layer) -> bool:
    """Whether it may cost nothing: its interval includes 0, or is not known."""
    return layer.ci95 is None or layer.ci95[0] <= 0 <= layer.ci95[1]


def is_about_layers(views: Sequence[View]) -> bool:
    """Whether a run of these is about them: what it is about comes first in its plan."""
    return bool(views) and views[0].matched == "layers"


def layers(cells: list[Cell], views: list[View]) -> list[Layers]:
    """Each figure of each group of a view of layers, where all of its measured contenders have it."""
    made: list[Layers] = []
    for view in views:
        if view.matched == "layers":
            for group in groups(cells, view):
                made += _of_group(view, [cell for cell in group if cell.status in ("measured", "pending")])
    return made


def _of_group(view: View, group: list[Cell]) -> Iterator[Layers]:
    for figure in FIGURES:
        of_cells = [_by_round(cell, figure) for cell in group]
        common = sorted(set.intersection(*map(set, of_cells))) if len(group) > 1 else []
        if common:
            yield _layers(view, group, figure, [[of_cell[where] for where in common] for of_cell in of_cells], common)


def _by_round(cell: Cell, figure: Figure) -> dict[Where, float]:
    found: dict[Where, list[float]] = {}
    for trial in cell.trials:
        if trial.status == "measured" and (value := figure.of(cell, trial)) is not None:
            found.setdefault((trial.boot, trial.round), []).append(value)
    return {where: fmean(values) for where, values in found.items()}


def _layers(view: View, group: list[Cell], figure: Figure, rows: list[list[float]], common: list[Where]) -> Layers:
    """`rows`: the figures of each contender, in the order of `common`."""
    boots = [boot for boot, _ in common]
    whole, _ = mean_of(rows[-1], boots)
    steps = [rows[0], *([b - a for a, b in zip(*pair, strict=True)] for pair in pairwise(rows))]
    names = [WORK, *(_added(view, *pair) for pair in pairwise(group))]
    made = []
    for name, cell, values in zip(names, group, steps, strict=True):
        mean, interval = mean_of(values, boots)
        made.append(
            Layer(
                name=name,
                contender=cell.label,
                difference=mean,
                ci95=interval,
                share=100 * mean / whole if whole else 0.0,
            )
        )
    first = group[0]
    return Layers(
        view=view.name,
        workload=first.workload,
        params=first.params,
        load=first.load,
        figure=figure.key,
        whole=whole,
        layers=made,
        rounds=len(common),
        boots=len(set(boots)),
    )


def _added(view: View, before: Cell, cell: Cell) -> str:
    """What a contender has that the one before it has not."""
    known = view.parts.get(before.name, [])
    new = [part for part in view.parts.get(cell.name, []) if part not in known]
    *first, last = new or [f"{cell.label} instead of {before.label}"]
    return " and ".join([", ".join(first), last] if first else [last])
