"""A document whose figures do not follow from its trials, or cannot be, is not published; the reason is said."""

from collections.abc import Callable

import msgspec
import pytest

from harness.report.board.verifying import NotPublished, published
from harness.results.model import Cell, Results, Trial

Change = Callable[[Results], Results]


def _changed(document: Results, cell: int, **changes: object) -> Results:
    cells = list(document.cells)
    cells[cell] = msgspec.structs.replace(cells[cell], **changes)
    return msgspec.structs.replace(document, cells=cells)


def of_cells(change: Callable[[Cell], dict[str, object]]) -> Change:
    """The first row, changed."""
    return lambda document: _changed(document, 0, **change(document.cells[0]))


def of_trials(change: Callable[[Trial], dict[str, object]]) -> Change:
    """The trials of the first row, changed."""
    return of_cells(lambda cell: {"trials": [msgspec.structs.replace(trial, **change(trial)) for trial in cell.trials]})


def of_run(**changes: object) -> Change:
    """The run, changed."""
    return lambda document: msgspec.structs.replace(document, run=msgspec.structs.replace(document.run, **changes))


def faster(trial: Trial) -> dict[str, object]:
    """Twice as fast."""
    return {"throughput_per_s": 2 * (trial.throughput_per_s or 0)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (of_trials(faster), "16 slots ÷ 0.05 s are 320/s"),
        (of_trials(lambda trial: {"ok": trial.ok - 1}), "do not add up"),
        (of_trials(lambda trial: {"ok": 10**9, "submitted": 10**9}), "are not 1,000,000,000 in"),
        (of_trials(lambda _: {"seconds": 0.0}), "no window"),
        (
            of_trials(lambda trial: {"cpu_s_per_1000": trial.cpu_s_per_1000 / 2 if trial.cpu_s_per_1000 else 0.1}),
            "summary",
        ),
        (of_trials(lambda _: {"histograms": {}}), "no histogram"),
        (of_trials(lambda _: {"histograms": {"latency": "bm9uZQ=="}}), "no histogram"),
        (of_trials(lambda _: {"status": "impossible"}), "impossible"),
        (of_cells(lambda cell: {"ideal_s": 1.0}), "ideal time is 1 s, the workload's is 0.05 s"),
        (of_cells(lambda cell: {"params": cell.params | {"latency_ms": 10.0}}), "ideal time is 0.05 s"),
        (of_cells(lambda cell: {"slots": 10**6}), "ceiling"),
        (of_cells(lambda cell: {"status": "failed"}), "failed"),
        (of_cells(lambda _: {"workload": "my_job"}), "a job or a load of its owner's"),
        (of_cells(lambda _: {"summary": None}), "it has no figures"),
        (of_run(plan="mine"), "no plan that comes with the workbench"),
        (of_run(status="interrupted"), "the run is interrupted"),
    ],
)
def test_what_does_not_hold_is_not_published(brief: Results, change: Change, reason: str) -> None:
    """Each on its own."""
    with pytest.raises(NotPublished, match=reason):
        published(change(brief))


def test_more_cpu_than_the_machine_has_is_not_published(brief: Results) -> None:
    """The bound is of the document's own environment."""
    environment = msgspec.structs.replace(brief.environment, cpus=1)
    with pytest.raises(NotPublished, match="cores were used"):
        published(msgspec.structs.replace(brief, environment=environment))


@pytest.mark.parametrize("number", [1e308, -1e308, 1e-300])
def test_numbers_that_nothing_measures_are_not_published(brief: Results, number: float) -> None:
    """They are never calculated with."""
    change = of_trials(lambda _: {"cpu_s_per_1000": number})
    with pytest.raises(NotPublished, match="none that can be measured"):
        published(change(brief))
