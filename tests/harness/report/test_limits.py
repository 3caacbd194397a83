"""What limited a row, in the words of its table and of the line below."""

import msgspec
import pytest

from harness.report.limits import limited_by, notes
from harness.results.model import Cell, Summary
from tests.builders import cell_of, summarised, trial_of

SHARES = {"driver": 0.34, "workers": 0.41, "broker": 0.10, "session": 0.004, "others": 0.06}


def limited(bottleneck: str | None, busy: dict[str, float], shares: dict[str, float] | None = None) -> Cell:
    """A row that this limited in all its trials."""
    trials = [trial_of(number, bottleneck=bottleneck, busy=busy, shares=shares or {}) for number in (1, 2, 3)]
    return summarised(cell_of("celery-prefork", side="celery", trials=trials))


def summary_of(cell: Cell) -> Summary:
    """It has one."""
    assert cell.summary is not None
    return cell.summary


def test_the_machine_is_explained_by_shares() -> None:
    """Short in the table; what is below half a percent is left out; the broker is called by its name."""
    cell = limited("machine", {"driver": 0.68, "machine": 0.91}, SHARES)
    assert limited_by(summary_of(cell)) == "machine 91 %"
    (note,) = notes([cell])
    assert note.text == (
        "celery-prefork:16 (closed:32) is limited by machine 91 %: driver 34, workers 41, Redis 10, others 6."
    )
    on_rabbitmq = msgspec.structs.replace(cell, broker="rabbitmq")
    assert "RabbitMQ 10" in next(notes([on_rabbitmq])).text


def test_others_are_shown_with_their_share_and_how_busy_the_machine_was() -> None:
    """What the hypervisor gave to other machines is theirs too."""
    cell = limited("others", {"machine": 0.97}, {"driver": 0.2, "others": 0.70, "steal": 0.07})
    assert limited_by(summary_of(cell)) == "others 77 %"
    assert next(notes([cell])).text.endswith("others 77 % (machine 97 %): driver 20, others 70, steal 7.")


@pytest.mark.parametrize(
    ("bottleneck", "shown"),
    [
        ("slots", "slots 98 %"),
        ("worker main process", "worker main 98 %"),
        ("clients", "clients"),
        ("rate", "rate"),
    ],
)
def test_what_one_part_limits_needs_no_more_words(bottleneck: str, shown: str) -> None:
    """The table says it."""
    busy = {bottleneck: 0.98} if "%" in shown else {"slots": 0.2}
    cell = limited(bottleneck, busy, SHARES)
    assert limited_by(summary_of(cell)) == shown
    assert list(notes([cell])) == []


def test_what_is_not_known_says_what_was_busiest() -> None:
    """And that it was not busy enough to be named."""
    unclear = limited("unclear", {"driver": 0.3, "worker main process": 0.72})
    assert limited_by(summary_of(unclear)) == "unclear"
    assert next(notes([unclear])).text.endswith("nothing was busy to 80 %; the busiest: worker main process 72 %.")
    assert next(notes([limited("unclear", {})])).text.endswith("nothing was busy to 80 %.")
    assert "wait within it" in next(notes([limited("the work", {"slots": 0.5})])).text


def test_an_older_document_has_no_shares() -> None:
    """Its limits are named as they are; none was none."""
    assert limited_by(summary_of(limited("driver", {}))) == "driver"
    assert limited_by(summary_of(limited(None, {}))) is None
    assert list(notes([limited("machine", {}), limited(None, {})])) == []


def test_the_shares_are_the_mean_over_the_trials_with_that_limit() -> None:
    """A trial that something else limited is not mixed in."""
    trials = [
        trial_of(1, bottleneck="machine", busy={"machine": 0.9}, shares={"driver": 0.3}),
        trial_of(2, bottleneck="machine", busy={"machine": 1.0}, shares={"driver": 0.4, "others": 0.1}),
        trial_of(3, bottleneck="slots", busy={"machine": 0.1, "slots": 1.0}, shares={"driver": 0.1}),
    ]
    summary = summary_of(summarised(cell_of(trials=trials)))
    assert summary.bottleneck == "machine"
    assert summary.busy == pytest.approx({"machine": 0.95})
    assert summary.shares == pytest.approx({"driver": 0.35, "others": 0.05})
