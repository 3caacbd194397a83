"""What a figure is made of: the differences between contenders, each of which adds something to the one before it."""

from typing import Any

from harness.results.base import Frozen, Interval
from harness.results.cells import LoadDescription


class Layer(Frozen, frozen=True, kw_only=True):
    """What one contender has more than the one before it."""

    name: str
    """What it adds; of the first one, the work itself."""
    contender: str
    """Label of the contender that has it."""
    difference: float
    """The contender's figure less that of the one before it: the mean over boots of the means of their rounds. Of the
    first one, its figure."""
    ci95: Interval | None
    """Of the difference, over boots, or over rounds where there is a single boot; null with one value. Where it
    includes 0, it is undecided whether the layer costs anything."""
    share: float
    """Of the whole, in percent; all of them add up to 100."""


class Layers(Frozen, frozen=True, kw_only=True):
    """One figure of a view's last contender, taken apart; over the rounds that all contenders measured."""

    view: str
    """Name of the view."""
    workload: str
    params: dict[str, Any]
    load: LoadDescription
    figure: str
    """Key of the figure: `cpu_ms`, CPU of driver, workers and broker a request; `alone_ms`, mean latency with a single
    client; `slot_ms`, how long a request takes one of the slots (slots ÷ throughput)."""
    whole: float
    """The last contender's figure, in milliseconds."""
    layers: list[Layer]
    """In the order of the view."""
    rounds: int
    boots: int
