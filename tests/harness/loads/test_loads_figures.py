"""What the loads amount to where submitting, storing or failing takes its part: whole trials in virtual time."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.fake import LEAST_S, Fake, Serve, echo
from harness.contenders.in_process.gate import Gate
from harness.errors import UsageError
from harness.loads.drain import BEGUN, PUBLISHED, RESUMED
from harness.loads.load import Figures, parse_load
from harness.loads.open import grows
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from harness.recording.fold import EXEC_START, Fold
from harness.recording.spool import COLUMNS
from harness.statistics.doubts import UNSUSTAINABLE
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive, due_of
from workloads.workload import Payload, Workload

MS = NS // 1000
SLOTS, CAPACITY_PER_S = 4, 80.0


class Costly(Fake):
    """Submitting blocks the driver for a while, and a slot is busy for a while after each execution."""

    def __init__(self, serve: Serve = echo, *, publish_ms: int = 0, store_ms: int = 0) -> None:
        super().__init__(serve)
        self._costs_ms = publish_ms, store_ms

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """Nothing to connect to."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        assert assignment.slots is not None
        yield CostlySide(loop, assignment.slots, workload.ideal_s or LEAST_S, self._serve, *self._costs_ms)


class CostlySide(Gate):
    """As the fake's, with those costs before and after an execution."""

    def __init__(
        self, loop: VirtualLoop, slots: int, service_s: float, serve: Serve, publish_ms: int, store_ms: int
    ) -> None:
        self._loop, self._slots, self._serve = loop, asyncio.Semaphore(slots), serve
        self._service_s, self._publish_ms, self._store_ms = service_s, publish_ms, store_ms

    async def submit(self, request: Request) -> Outcome:
        """Publish, wait at the gate and for a slot, execute, store."""
        self._loop._virtual.now_ns += self._publish_ms * MS
        published = self._loop.now_ns()
        if self._shut is not None:
            await self._shut.wait()
        async with self._slots:
            began = self._loop.now_ns()
            await asyncio.sleep(self._service_s)
            ended = self._loop.now_ns()
            await asyncio.sleep(self._store_ms / 1000)
        try:
            reply, error = self._serve(request.id, request.payload), None
        except OSError as raised:
            reply, error = None, f"OSError: {raised}"
        return Outcome(reply, error, published, began, ended, "fake", boot_id())


def failing(*numbers: int) -> Serve:
    """Those requests fail."""

    def serve(number: int, payload: Payload) -> Any:
        if number in numbers:
            raise OSError("injected")
        return echo(number, payload)

    return serve


def stalling(at: int, stall_ms: int) -> Serve:
    """The driver's loop is blocked for so long by that request."""

    def serve(number: int, payload: Payload) -> Any:
        if number == at:
            asyncio.get_running_loop()._virtual.now_ns += stall_ms * MS  # type: ignore[attr-defined]
        return echo(number, payload)

    return serve


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[Driven, Figures]]:
    """A trial of `sleep` (50 ms) on four slots without warm-up, and what it amounts to."""

    def one(load: str, contender: object = None, slots: int = SLOTS, **changes: Any) -> tuple[Driven, Figures]:
        spec = spec_of(tmp_path / "spool", load=load, **({"slots": slots, "warmup_s": 0.0} | changes))
        driven = drive(spec, SilentLink(), contender)
        assert driven.recording.status == "measured", driven.recording.error
        return driven, parse_load(load, "the test").figures(driven.fold, driven.recording.marks, slots)

    return one


Run = Callable[..., tuple[Driven, Figures]]


def kinds(figures: Figures) -> list[str]:
    """The kinds of its doubts."""
    return [doubt.kind for doubt in figures.doubts]


def rows_of(spans: list[tuple[int, int]]) -> Any:
    """Good requests that were due, started and executed in those spans."""
    rows = [(number, begin, begin, begin, begin, end, end, 0) for number, (begin, end) in enumerate(spans)]
    return np.array(rows, dtype=np.int64).reshape(-1, len(COLUMNS))


def folded(spans: list[tuple[int, int]], comparable: bool = True) -> Fold:
    """These requests in a window of one second."""
    fold = Fold(0, NS, comparable, len(spans))
    fold.add(rows_of(spans))
    return fold


def test_a_drain_publishes_all_before_it_executes_any(run: Run) -> None:
    """Forty requests of 2 ms each to submit: 500 a second, and not one of them is begun meanwhile."""
    driven, figures = run("drain:40", Costly(publish_ms=2))
    begun, published = driven.recording.marks[BEGUN], driven.recording.marks[PUBLISHED]
    assert published - begun == 80 * MS
    assert driven.rows[:, EXEC_START].min() == published
    assert figures.publish_per_s == pytest.approx(500.0)
    assert figures.throughput_per_s == pytest.approx(CAPACITY_PER_S)
    assert figures.doubts == []


@pytest.mark.parametrize(("requests", "slots"), [(40, 1), (12, 4), (48, 8), (64, 16)])
def test_a_drain_runs_at_slots_by_service_time(run: Run, requests: int, slots: int) -> None:
    """Exactly, for whole waves; no slot is busy with anything else."""
    _, figures = run(f"drain:{requests}", slots=slots)
    assert figures.throughput_per_s == pytest.approx(slots / 0.05)
    assert figures.slot_overhead_ms == pytest.approx(0.0, abs=1e-9)


def test_a_slots_overhead_is_what_lies_between_its_executions(run: Run) -> None:
    """10 ms to store each result: ten waves of 50 ms with nine gaps."""
    _, figures = run("drain:40", Costly(store_ms=10))
    assert figures.slot_overhead_ms == pytest.approx(10.0)
    assert figures.throughput_per_s == pytest.approx(40 / 0.590)


@pytest.mark.parametrize(("store_ms", "known"), [(16, True), (17, False)])
def test_an_overhead_is_told_only_where_slots_were_the_limit(run: Run, store_ms: int, known: bool) -> None:
    """Without work for more than a quarter of the time between two starts: 16 of 66 ms, 17 of 67."""
    _, figures = run("drain:40", Costly(store_ms=store_ms))
    assert (figures.slot_overhead_ms is not None) == known


def test_what_failed_in_a_drain_was_published_but_is_not_drained(run: Run) -> None:
    """One in ten: publishing counts all, draining and cost the good ones alone."""
    _, figures = run("drain:40", Costly(failing(0, 10, 20, 30), publish_ms=2))
    assert figures.completed == 36
    assert figures.publish_per_s == pytest.approx(500.0)
    assert figures.throughput_per_s == pytest.approx(36 / 0.5)


def test_publishing_ends_with_the_last_batch() -> None:
    """Which goes out after its requests were submitted: 2 requests from 0 to 8 ms are 250 a second."""
    fold = folded([(6 * MS, 20 * MS), (8 * MS, 20 * MS)])
    figures = parse_load("drain:2", "the test").figures(fold, {BEGUN: 0, PUBLISHED: 5 * MS}, SLOTS)
    assert figures.publish_per_s == pytest.approx(250.0)


def test_a_drain_whose_executions_are_not_known_lasts_from_its_resumption_to_its_last_reply() -> None:
    """Not from when its first request was submitted: 2 requests in 15 ms."""
    fold = folded([(0, 20 * MS), (2 * MS, 20 * MS)], comparable=False)
    figures = parse_load("drain:2", "the test").figures(fold, {BEGUN: 0, PUBLISHED: 4 * MS, RESUMED: 5 * MS}, None)
    assert figures.throughput_per_s == pytest.approx(2 / 0.015)
    assert figures.doubts == []


def test_a_drain_that_was_never_published_or_never_answered_has_no_figures() -> None:
    """Aborted while it was submitting, or without a good reply."""
    load = parse_load("drain:1", "the test")
    assert load.figures(folded([(0, MS)]), {BEGUN: 0}, SLOTS) == Figures(throughput_per_s=None)
    assert load.figures(folded([]), {BEGUN: 0, PUBLISHED: 1}, SLOTS) == Figures(throughput_per_s=None)


def test_a_pause_is_not_doubted_by_the_stamps_of_a_foreign_clock() -> None:
    """Without a common clock nobody knows what was executed before the last was published."""
    marks = {BEGUN: 0, PUBLISHED: 5 * MS}
    load, spans = parse_load("drain:2", "the test"), [(0, 10 * MS), (6 * MS, 20 * MS)]
    assert kinds(load.figures(folded(spans), marks, SLOTS)) == ["pause-did-not-hold"]
    assert kinds(load.figures(folded(spans, comparable=False), marks, SLOTS)) == []


def test_a_burst_is_due_at_one_moment_however_long_it_takes_to_submit(run: Run) -> None:
    """The moment in which the window opened; the last is submitted 80 ms after it was due."""
    driven, _ = run("burst:40", Costly(publish_ms=2))
    assert set(due_of(driven.rows)) == {driven.recording.opened_ns}
    stages = driven.fold.stages()
    assert stages is not None
    assert stages.driver_lag.mean == pytest.approx(2 * 39 / 2, rel=1e-3)


def test_each_part_of_a_burst_is_done_when_its_last_request_is(run: Run) -> None:
    """800 requests in 200 waves of 50 ms: 100, 180, 198 and 200 of them."""
    _, figures = run("burst:800")
    assert figures.makespan_ms is not None
    expected = {"p50": 5000.0, "p90": 9000.0, "p99": 9900.0, "all": 10000.0}
    assert figures.makespan_ms == pytest.approx(expected, rel=1e-3)
    assert figures.makespan_ms["all"] == 10000.0
    assert figures.throughput_per_s == pytest.approx(CAPACITY_PER_S)
    assert figures.completed == 800


@pytest.mark.parametrize(
    ("failed", "reached"), [(0, ["p50", "p90", "p99", "all"]), (1, ["p50", "p90", "p99"]), (3, ["p50", "p90"])]
)
def test_a_part_of_a_burst_that_never_was_done_is_blank(run: Run, failed: int, reached: list[str]) -> None:
    """Parts are of all that were submitted: of 200, two may fail for 99 % to be done, and three may not."""
    _, figures = run("burst:200", Fake(failing(*range(failed))))
    assert figures.makespan_ms is not None
    assert [name for name, ms in figures.makespan_ms.items() if ms is not None] == reached
    assert figures.throughput_per_s == pytest.approx((200 - failed) / 2.5)
    assert figures.completed == 200 - failed


@pytest.mark.parametrize("utilisation", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("seed", [2, 3])
def test_no_rate_below_capacity_is_called_unsustainable(run: Run, utilisation: float, seed: int) -> None:
    """A queue that wanders is no queue that grows, whatever the seed."""
    rate = utilisation * CAPACITY_PER_S
    _, figures = run(f"open:{rate:g}/s", seed=seed, warmup_s=1.0, duration_s=10.0)
    assert figures.doubts == []
    assert figures.sustained_per_s == figures.throughput_per_s == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize("arrivals", ["", ":uniform"])
@pytest.mark.parametrize("seed", [2, 3])
def test_a_rate_above_capacity_is_called_unsustainable(run: Run, arrivals: str, seed: int) -> None:
    """With the rate that was asked and the one that was served."""
    _, figures = run(f"open:96/s{arrivals}", seed=seed, warmup_s=1.0, duration_s=10.0)
    assert kinds(figures) == [UNSUSTAINABLE]
    assert "96/s is more than is served; 80/s were sustained" in figures.doubts[0].text


def test_uniform_arrivals_just_within_capacity_queue_nothing(run: Run) -> None:
    """79 of 80 a second."""
    driven, figures = run("open:79/s:uniform", duration_s=10.0)
    assert figures.doubts == []
    assert int(driven.fold.backlog.max()) <= SLOTS


@pytest.mark.parametrize(("stall_ms", "expected"), [(0, []), (100, []), (1000, ["late-pacing"])])
def test_a_driver_that_stalls_is_doubted_for_pacing(run: Run, stall_ms: int, expected: list[str]) -> None:
    """Where it makes a good part of the latency: a second of eleven does, a tenth of one does not."""
    _, figures = run("open:100/s:uniform", Fake(stalling(50, stall_ms)), slots=50, duration_s=11.0)
    assert kinds(figures) == expected


@pytest.mark.parametrize(("requests", "expected"), [(999, []), (1000, ["drifting"])])
def test_halves_of_an_open_load_differ_by_chance_where_requests_are_few(requests: int, expected: list[str]) -> None:
    """Three quarters of them in the second half: drifting only from a thousand good replies on."""
    spans = [(NS // 4, NS // 4)] * (requests // 4) + [(3 * NS // 4, 3 * NS // 4)] * (requests - requests // 4)
    assert kinds(parse_load("open:1000/s", "the test").figures(folded(spans), {}, None)) == expected
    assert kinds(parse_load("closed:4", "the test").figures(folded(spans), {}, None)) == ["drifting"]


def test_growth_must_exceed_a_share_of_many_arrivals_and_chance_of_few() -> None:
    """A twentieth of 10,000 is 500, where chance is 150; of 100 it is 5, where chance is 15."""

    def growing_to(last: int, arrivals: int) -> bool:
        return grows([last * moment // 40 for moment in range(41)], arrivals)

    assert [growing_to(last, arrivals=10_000) for last in (450, 600)] == [False, True]
    assert [growing_to(last, arrivals=100) for last in (13, 20)] == [False, True]


def test_what_was_due_in_the_window_is_begun_also_where_the_driver_stalled_to_its_end(run: Run) -> None:
    """More is due at once than is begun at once (3,000 of 1,000), and the window has closed: none is left out."""
    serve = stalling(1990, 400)
    load = "open:10000/s:uniform"
    driven, _ = run(load, Fake(serve), workload="noop", slots=10_000, duration_s=0.5)
    window_ns = driven.recording.closed_ns - driven.recording.opened_ns
    assert window_ns > 590 * MS
    assert driven.fold.counts.submitted == pytest.approx(window_ns / (NS / 10_000), abs=2)


def test_arrivals_are_those_of_the_seed(run: Run) -> None:
    """The same seed, the same due times; another seed, others; and about as many as the rate says."""
    due = [sorted(due_of(run("open:60/s", seed=seed, duration_s=10.0)[0].rows)) for seed in (1, 1, 2)]
    assert due[0] == due[1] != due[2]
    assert len(due[0]) == pytest.approx(600, rel=0.1)
    assert len(set(np.diff(due[0]).tolist())) > 500


def test_uniform_arrivals_come_in_even_gaps(run: Run) -> None:
    """Whatever the replies do: 10 ms at 100/s, on slots that cannot keep up."""
    due = sorted(due_of(run("open:100/s:uniform")[0].rows))
    assert {after - before for before, after in itertools.pairwise(due)} == {10 * MS}
    assert len(due) == pytest.approx(100, abs=1)


@pytest.mark.parametrize(
    ("load", "slots", "seconds"),
    [
        ("closed:8", 4, 0.1),
        ("closed:8", 16, 0.05),
        ("closed:8", None, 0.05),
        ("open:500/s", 4, 0.05),
        ("drain:40", 4, 40 * (0.002 + 0.0125)),
        ("drain:40", None, 40 * (0.002 + 0.002)),
        ("burst:40", 4, 40 * (0.002 + 0.0125)),
        ("burst:40", 100, 40 * (0.002 + 0.002)),
    ],
)
def test_a_deadline_counts_from_what_a_request_takes_at_the_most(load: str, slots: int | None, seconds: float) -> None:
    """The whole queue ahead of it, of 50 ms each; what ends by itself is published one after the other."""
    assert parse_load(load, "the test").expected_s(0.05, slots) == pytest.approx(seconds)


@pytest.mark.parametrize("load", ["drain:40", "burst:40", "closed:40"])
def test_no_request_takes_longer_than_its_load_expects(run: Run, load: str) -> None:
    """Else what is well within its means would be lost."""
    driven, _ = run(load)
    latency = driven.fold.latency("latency")
    assert latency is not None
    assert latency.max / 1000 <= parse_load(load, "the test").expected_s(0.05, SLOTS) + 1e-6


@pytest.mark.parametrize(
    "text",
    [
        "closed:",
        "closed:0",
        "closed:100001",
        "closed:²",
        "drain:1000001",
        "burst:1000001",
        "burst: 5",
        "open:1000001/s",
        "open:-5/s",
        "open:nan/s",
        "open:/s",
        "open:5/s:",
        "open:5/min",
    ],
)
def test_what_is_no_load_is_told_with_its_place_and_what_was_given(text: str) -> None:
    """Beyond the largest one too."""
    kind, _, rest = text.partition(":")
    with pytest.raises(UsageError) as raised:
        parse_load(text, "plan p, view 'v'")
    assert str(raised.value).startswith(f"plan p, view 'v': expected {kind}:")
    assert str(raised.value).rstrip(".").endswith(f"got {rest!r}")


def test_an_unknown_load_names_the_nearest() -> None:
    """And all there are."""
    with pytest.raises(UsageError, match=r"unknown load 'opne' in --load\. Did you mean 'open'\?"):
        parse_load("opne:5/s", "--load")


def test_a_number_of_thousands_of_digits_is_no_load_either() -> None:
    """It is out of range like any other."""
    with pytest.raises(UsageError):
        parse_load("closed:" + "9" * 5000, "--load")


def same_again(text: str) -> None:
    """A session hands loads on as they are written: what is read again must be the same load."""
    load = parse_load(text, "the test")
    again = parse_load(load.text, "the test")
    assert again.describe() == load.describe()


@pytest.mark.parametrize(
    "text", ["closed:64", "drain:1000000", "burst:1", "open:0.5/s", "open:100000/s", "open:33.3/s:uniform"]
)
def test_a_load_is_the_same_when_it_is_read_again(text: str) -> None:
    """Kind, numbers and arrivals."""
    same_again(text)


@pytest.mark.parametrize("text", ["open:1000000/s", "open:0.00001/s", "open:1234.567/s", "open:123456.7/s:uniform"])
def test_a_rate_is_the_same_when_it_is_read_again(text: str) -> None:
    """To all its digits: a cell must be measured at the rate that was asked, and at all."""
    same_again(text)
