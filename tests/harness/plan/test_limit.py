"""The limit that a rate must hold."""

import msgspec
import pytest

from harness.errors import UsageError
from harness.plan.limit import Limit
from harness.recording.hdr import Histogram
from harness.results.model import Doubt, Trial
from harness.statistics.doubts import NOT_STATIONARY, UNSUSTAINABLE
from tests.builders import latency_of, trial_of

LIMIT = Limit.parse("p99<250ms", "the test")


def late(requests: int, late_ones: int, **changes: object) -> Trial:
    """A trial of so many requests, of which some took a second and the others a millisecond."""
    histogram = Histogram()
    histogram.record(1000, requests - late_ones)
    if late_ones:
        histogram.record(1_000_000, late_ones)
    trial = trial_of(submitted=requests, ok=requests, histograms={"latency": histogram.encode()})
    return msgspec.structs.replace(trial, **changes)


@pytest.mark.parametrize(
    ("text", "name", "limit_s"), [("p99<250ms", "p99", 0.25), ("p50 < 2s", "p50", 2.0), ("p999<=1min", "p999", 60.0)]
)
def test_a_limit_is_a_percentile_below_a_time(text: str, name: str, limit_s: float) -> None:
    """With or without spaces."""
    limit = Limit.parse(text, "the test")
    assert (limit.name, limit.limit_s) == (name, limit_s)


@pytest.mark.parametrize("text", ["", "p99", "p98<1s", "p99>1s", "p99<250", "p99<0ms", "mean<1s", "p99<1h"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    """Also what would have been near."""
    with pytest.raises(UsageError, match="such as"):
        Limit.parse(text, "--find-rate")


def test_one_in_a_hundred_may_be_late_for_a_p99() -> None:
    """Also of fewer than a thousand, whose p99 is not shown."""
    assert LIMIT.broken_by(late(300, 3)) is None
    assert LIMIT.broken_by(late(300, 4)) == "4 of 300 requests took 250 ms or longer"
    assert LIMIT.broken_by(late(50, 1)) is not None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ok": 299, "lost": 1}, "1 of 300 requests were not answered well"),
        ({"status": "failed", "error": "the worker died\nits last lines"}, "the worker died"),
        ({"submitted": 0, "ok": 0}, "no request was due in the window"),
        ({"doubts": [Doubt(kind=UNSUSTAINABLE, text="the backlog grew", advice="less")]}, "the backlog grew"),
    ],
)
def test_what_was_not_answered_or_not_sustained_does_not_hold(changes: dict[str, object], told: str) -> None:
    """Whatever the latency of the rest."""
    assert LIMIT.broken_by(late(300, 0, **changes)) == told


def test_what_the_work_fails_by_itself_breaks_no_limit() -> None:
    """As many as its share, and what chance adds; beyond that, and where requests were lost, it does."""
    own = msgspec.structs.replace(LIMIT, failing=0.05)
    for failed, holds in ((5, True), (11, True), (12, False)):
        trial = late(100, 0, ok=100 - failed, failed=failed)
        assert (own.broken_by(trial) is None) is holds
        assert own.late_in(trial) == (0 if holds else 1)
        assert LIMIT.broken_by(trial) == f"{failed} of 100 requests were not answered well"
    assert own.broken_by(late(100, 0, ok=95, lost=5)) == "5 of 100 requests were not answered well"


def test_a_limit_may_be_held_clearly_where_the_load_was_not_at_rest() -> None:
    """No reply took half of it, and the backlog did not grow."""
    restless = Doubt(kind=NOT_STATIONARY, text="t", advice="a")
    grows = Doubt(kind=UNSUSTAINABLE, text="t", advice="a")
    for slowest_ms, doubts, held in ((100.0, [restless], True), (130.0, [restless], False), (100.0, [grows], False)):
        trial = msgspec.structs.replace(late(100, 0, doubts=doubts), latency_ms=latency_of(slowest_ms / 4))
        assert LIMIT.clearly_held_by(trial) is held
