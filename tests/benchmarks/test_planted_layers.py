"""What is planted in a layer must show there alone: the judgement, in built figures; and what holds up requests."""

import os
import socket
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest

from benchmarks.planted.blocks import PATTERN, Block, Grown, grown_ms
from benchmarks.planted.judging import growths, layers_of
from benchmarks.planted.plants import (
    BROKER,
    LAYER_OF,
    QUEUE_WORKER,
    SIGNAL,
    STYLE,
    VARIABLE,
    noted,
    plant,
    slept_s,
    strike,
)
from benchmarks.planted.proxy import Proxy
from benchmarks.planted_layers import CONTENDERS, Figures, judged, plan_of
from harness.loads.closed import Closed
from harness.recording.rows import DONE, DUE, STATUS
from harness.recording.spool import COLUMNS, Status
from harness.results.model import Layers
from harness.session.new_document import view_of
from harness.statistics.layers import layers
from tests.builders import cell_of, latency_of, trial_of

USUAL = [0.1, 0.6, 3.6, 4.0]
"""Mean latencies of the four contenders, in ms."""
MS = 1_000_000
REQUEST = b"*3\r\n$5\r\nLPUSH\r\n$7\r\nw:queue\r\n$1\r\n1\r\n"
OTHER = b"*3\r\n$5\r\nLPUSH\r\n$10\r\nw:queue.re1\r\n$1\r\n1\r\n"
SHIFTS: dict[str, list[float]] = {
    QUEUE_WORKER: [0, 2, 0, 0],
    BROKER: [0, 2, 2, 2],
    SIGNAL: [0, 0, 2, 2],
    STYLE: [0, 0, 0, 2],
}
"""Plant → by how much each contender is slower."""


def grown(place: str, style_off_ms: float = 0.0) -> list[list[float]]:
    """Three rounds; `style_off_ms`: what the last contender has more with a planted style."""
    off = style_off_ms if place == STYLE else 0.0
    return [[*SHIFTS[place][:3], SHIFTS[place][3] + off] for _ in range(3)]


def measured(style_off_ms: float = 0.0, slept_ms: float = 2.0) -> Figures:
    """The same in each place, with sleeps of so long."""
    made = Figures()
    for place in LAYER_OF:
        made.first[place] = made.second[place] = grown(place, style_off_ms)
        made.slept_ms[place] = (10.0, slept_ms)
    return made


def document() -> list[Layers]:
    """The layers that the harness finds in trials without a plant."""
    view = view_of(plan_of("noop", 1.0).view[0])
    names = [contender.partition(":")[0] for contender in CONTENDERS]
    cells = [
        cell_of(
            name,
            trials=[trial_of(number + 1, latency_ms=latency_of(ms)) for number in range(3)],
            id=name,
            slots=4,
            views=["layers"],
            load=Closed(1).describe(),
        )
        for name, ms in zip(names, USUAL, strict=True)
    ]
    return [one for one in layers(cells, [view]) if one.figure == "alone_ms"]


def test_what_is_planted_shows_in_its_layer_alone() -> None:
    """By exactly 2 ms; the layer behind queue-bare shrinks by them."""
    for place, layer in LAYER_OF.items():
        found = growths(place, grown(place), 2.0)
        assert [growth.ms for growth in found if growth.is_planted] == pytest.approx([2.0])
        assert [growth.layer for growth in found if growth.is_planted] == [layer]
        assert all(growth.right for growth in found)
    assert [growth.ms for growth in growths(QUEUE_WORKER, grown(QUEUE_WORKER), 2.0)] == pytest.approx(
        [0.0, 2.0, -2.0, 0.0]
    )


def test_more_or_less_than_a_tenth_beside_it_is_wrong() -> None:
    """Of the planted layer."""
    for off, right in ((0.15, True), (0.25, False), (-0.25, False)):
        assert growths(STYLE, grown(STYLE, off), 2.0)[3].right is right


def test_growth_elsewhere_is_wrong() -> None:
    """Judged by the layer after it, too."""
    assert [growth.right for growth in growths(SIGNAL, grown(STYLE), 2.0)] == [True, True, False, False]


def test_the_layers_of_the_harness_add_up_and_are_those_that_are_judged() -> None:
    """With the names of what each adds."""
    (one,) = document()
    assert [layer.difference for layer in one.layers] == pytest.approx(layers_of(USUAL))
    assert [layer.name for layer in one.layers][1:] == [
        "process boundary and broker",
        "a task queue and Celery",
        "style of the body",
    ]
    assert judged(measured(), document())
    assert not judged(measured(0.5), document())
    assert not judged(measured(slept_ms=2.5), document())  # 2 ms more where longer was slept
    broken = msgspec.structs.replace(one, whole=one.whole + 0.1)
    assert not judged(measured(), [broken])


def test_a_sleep_is_noted_by_whoever_sleeps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sleep lasts longer than it should on a machine that idles."""
    clock = iter([10.0, 10.002, 20.0, 20.004, 30.0, 30.012])
    monkeypatch.setenv(VARIABLE, str(tmp_path / "planted"))
    monkeypatch.setattr("benchmarks.planted.plants.time.perf_counter", lambda: next(clock))
    monkeypatch.setattr("benchmarks.planted.plants.time.sleep", lambda seconds: None)
    for times in (1, 6):
        plant(STYLE, times)
        for name in (STYLE, SIGNAL, STYLE)[: 4 - times]:
            strike(name)
    try:
        assert slept_s() == {(STYLE, 1): pytest.approx(0.003), (STYLE, 6): pytest.approx(0.012)}
    finally:
        os.close(noted())
        noted.cache_clear()


def test_the_proxy_holds_up_published_requests_once_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies and other lists pass."""
    slept: list[str] = []
    planted = threading.Event()
    monkeypatch.setattr(
        "benchmarks.planted.proxy.strike", lambda place: slept.append(place) if planted.is_set() else None
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = ("127.0.0.1", server.getsockname()[1])
        with (
            Proxy(*place, BROKER, lambda name: name.endswith(b"queue")) as proxy,
            socket.create_connection(("127.0.0.1", proxy.port)) as client,
            server.accept()[0] as inner,
        ):
            for is_planted in (False, True):
                if is_planted:
                    planted.set()
                for text in (REQUEST, OTHER):
                    client.sendall(text)
                    assert inner.recv(100) == text
            inner.sendall(REQUEST)
            assert client.recv(100) == REQUEST
    assert slept == [BROKER]


def test_what_was_planted_counts_from_the_due_time_of_a_request_to_its_reply() -> None:
    """Each block against those beside it; failed requests and those that lie across an edge count nowhere."""
    replies_ms = [(0, 1), (1, 4), (10, 21), (21, 32), (35, 45), (45, 59), (70, 82), (100, 102)]  # due, done
    rows = np.zeros((len(replies_ms) + 1, len(COLUMNS)), dtype=np.int64)
    rows[:, STATUS] = Status.OK
    rows[:-1, DUE], rows[:-1, DONE] = np.array(replies_ms).T * MS
    rows[-1, [DUE, DONE, STATUS]] = 1 * MS, 10 * MS, Status.FAILED
    edges_ms = (0, 10, 40, 70, 100, 110)
    turn = zip((*PATTERN, 0), edges_ms, edges_ms[1:], strict=False)
    blocks = [Block(STYLE, times, begin * MS, end * MS) for times, begin, end in turn]
    blocks[-1] = blocks[-1]._replace(place=SIGNAL)
    assert grown_ms(rows, blocks) == {STYLE: Grown(first=(11 + 12) / 2 - 2, second=14 - (11 + 12) / 2)}
    assert grown_ms(rows, blocks[:-1]) == {}  # without the nothing that follows
