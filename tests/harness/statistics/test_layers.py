"""Layers: differences of neighbours add up to the whole; a cost in one layer shows in that layer alone."""

from typing import Any

import msgspec
import pytest

from harness.loads.closed import Closed
from harness.results.model import Cell, Layers, Side, Trial, View
from harness.statistics.layers import WORK, is_undecided, layers
from tests.builders import cell_of, latency_of, trial_of

PARTS = {"asyncio": [], "queue-bare": ["boundary"], "celery-threads": ["boundary", "queue", "Celery"]}
SIDES: dict[str, Side] = {"asyncio": "asyncio", "queue-bare": "reference", "celery-threads": "celery"}
VIEW = View(name="layers", about="", matched="layers", parts=PARTS)


def cell(name: str, cpu_ms: list[float], load: Any = None, **changes: Any) -> Cell:
    """A cell of that contender with two rounds a boot, each of so much CPU."""
    load = load or Closed(16).describe()
    trials = [trial_of(number, boot=number // 2, cpu_s_per_1000=ms, **changes) for number, ms in enumerate(cpu_ms)]
    return cell_of(name, side=SIDES[name], load=load, trials=trials, id=f"{name}/{load.text}", views=["layers"])


def of(figure: str, cells: list[Cell]) -> Layers:
    """The one figure of these cells."""
    (found,) = (one for one in layers(cells, [VIEW]) if one.figure == figure)
    return found


def three(boundary_ms: float = 1.0, celery_ms: float = 2.0) -> list[Cell]:
    """Contenders with so much on top of 0.5 ms, each a little different from boot to boot and round to round."""
    noise = [0.01, -0.01, 0.02, 0.0, -0.02, 0.01]
    first = [0.5 + one for one in noise]
    second = [one + boundary_ms + other / 2 for one, other in zip(first, reversed(noise), strict=True)]
    third = [one + celery_ms - other / 2 for one, other in zip(second, noise, strict=True)]
    return [cell("asyncio", first), cell("queue-bare", second), cell("celery-threads", third)]


def test_layers_add_up_to_the_whole() -> None:
    """To the last digit, and in percent."""
    found = of("cpu_ms", three())
    assert sum(layer.difference for layer in found.layers) == pytest.approx(found.whole)
    assert sum(layer.share for layer in found.layers) == pytest.approx(100)
    assert [layer.name for layer in found.layers] == [WORK, "boundary", "queue and Celery"]
    assert (found.rounds, found.boots) == (6, 3)


@pytest.mark.parametrize(("planted", "layer"), [({"boundary_ms": 3.0}, 1), ({"celery_ms": 4.0}, 2)])
def test_what_is_planted_in_a_layer_is_seen_in_that_layer_alone(planted: dict[str, float], layer: int) -> None:
    """2 ms."""
    before, after = of("cpu_ms", three()), of("cpu_ms", three(**planted))
    grown = [b.difference - a.difference for a, b in zip(before.layers, after.layers, strict=True)]
    assert grown == pytest.approx([2.0 if number == layer else 0.0 for number in range(3)])


def test_a_layer_whose_interval_includes_0_is_undecided() -> None:
    """Rather than small."""
    found = of("cpu_ms", three(celery_ms=0.001))
    assert [is_undecided(layer) for layer in found.layers] == [False, False, True]


def test_only_rounds_that_all_contenders_measured_count() -> None:
    """Else the differences would not add up."""
    cells = three()
    short = cells[1].trials[:4]
    found = of("cpu_ms", [cells[0], cell_of_trials(cells[1], short), cells[2]])
    assert found.rounds == 4
    assert sum(layer.difference for layer in found.layers) == pytest.approx(found.whole)


def cell_of_trials(cell: Cell, trials: list[Trial]) -> Cell:
    """The same with these trials."""
    return msgspec.structs.replace(cell, trials=trials)


def test_latency_is_taken_apart_where_a_request_is_alone_and_slots_where_they_are_full() -> None:
    """Slots ÷ throughput: 16 slots at 100/s are taken for 160 ms each."""
    alone = [cell(name, [1.0, 1.0], Closed(1).describe(), latency_ms=latency_of(5.0)) for name in SIDES]
    full = [cell(name, [1.0, 1.0], Closed(32).describe(), throughput_per_s=100.0) for name in SIDES]
    few = [cell(name, [1.0, 1.0], Closed(31).describe(), throughput_per_s=100.0) for name in SIDES]
    found = {(one.load.text, one.figure): one.whole for one in layers([*alone, *full, *few], [VIEW])}
    assert {where for where in found if where[1] == "alone_ms"} == {("closed:1", "alone_ms")}
    assert {where: found[where] for where in found if where[1] == "slot_ms"} == {("closed:32", "slot_ms"): 160.0}


def test_other_views_have_no_layers() -> None:
    """Only those that ask for them."""
    assert layers(three(), [View(name="layers", about="", matched="slots")]) == []
