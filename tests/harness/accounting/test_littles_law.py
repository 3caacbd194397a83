"""Clients ÷ mean latency is the throughput of a closed load; where it is not, that is a doubt with both figures."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.accounting.physics import Bounds, broken_bounds
from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.fake import Fake, FakeSide, virtual
from harness.machine.clock import NS, VirtualLoop
from harness.machine.usage import boot_id
from harness.results.model import Trial, Usages
from harness.statistics.load_doubts import of_littles_law
from tests.builders import SilentLink, spec_of, trial_of
from tests.harness.accounting.conftest import accounted, failing, kinds
from tests.harness.loads.conftest import Costly
from tests.running import drive
from workloads.workload import Workload


@pytest.mark.parametrize("mean_ms", [10.0 * 1.03, 10.0 / 1.03])
def test_both_directions_are_doubted_with_both_figures(mean_ms: float) -> None:
    """Eight clients at 800/s have a mean latency of 10 ms."""
    (doubt,) = of_littles_law(8, mean_ms, 800.0, 0.0)
    assert doubt.kind == "littles-law"
    for words in ("8 clients", f"{mean_ms:,.4g} ms", f"{8000 / mean_ms:,.4g} requests/s", "800/s"):
        assert words in doubt.text


@pytest.mark.parametrize(("clients", "mean_ms", "per_s"), [(8, 10.15, 800.0), (None, 1.0, 5.0), (8, 0.0, 800.0)])
def test_what_fits_or_cannot_be_known_is_not_doubted(clients: int | None, mean_ms: float, per_s: float) -> None:
    """Within 2 %; a load without a number of clients; no latency."""
    assert of_littles_law(clients, mean_ms, per_s, 0.0) == []


def test_few_replies_may_lie_off_by_chance() -> None:
    """By four standard errors of their mean."""
    assert of_littles_law(8, 10.5, 800.0, 0.04) == []


@pytest.mark.parametrize("load", ["closed:1", "closed:3", "closed:8", "closed:64", "open:60/s", "drain:40", "burst:40"])
def test_ordinary_loads_are_not_doubted(tmp_path: Path, load: str) -> None:
    """More and fewer clients than slots; loads without clients."""
    assert "littles-law" not in kinds(accounted(tmp_path, load=load))


def test_time_of_clients_without_a_good_reply_is_doubted(tmp_path: Path) -> None:
    """A third of the requests fail: clients wait for these too, and no good reply's latency shows it."""
    trial: Trial = accounted(tmp_path, serve=failing(*range(0, 100_000, 3)))
    (doubt,) = [doubt for doubt in trial.doubts if doubt.kind == "littles-law"]
    assert "clients waited" in doubt.text


def test_what_a_client_waits_for_between_two_requests_is_latency(tmp_path: Path) -> None:
    """Submitting holds the driver for 10 ms: seven other clients' submitting is part of the eighth one's latency."""
    spec = spec_of(tmp_path / "spool", load="closed:8", slots=8)
    run = drive(spec, SilentLink(), Costly(publish_ms=10))
    stages = run.fold.stages()
    assert run.fold.throughput_per_s is not None
    assert stages is not None
    assert run.fold.throughput_per_s * run.fold.mean_ms("latency") / 1000 == pytest.approx(8, rel=0.005)
    assert stages.driver_lag.mean > 3


def test_a_window_of_so_many_requests_has_exactly_these(tmp_path: Path) -> None:
    """None of them is due before it opens, also where a client had its reply before that."""
    spec = spec_of(tmp_path / "spool", load="closed:8", slots=8, duration_s=None, requests=50)
    run = drive(spec, SilentLink(), Costly(publish_ms=10))
    assert run.fold.counts.submitted == 50
    assert drive(spec_of(tmp_path / "fake", load="closed:8", requests=50), SilentLink(), Fake()).fold.counts.ok == 50


class Pausing(Fake):
    """A machine that stands still now and then: nothing is published or returned, and what executes goes on."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        drawn, at_ns = random.Random(seed), 0
        self._pauses = []
        for _ in range(60):
            at_ns += int(drawn.expovariate(1.5) * NS)
            self._pauses.append((at_ns, int(drawn.random() * NS)))

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """As many slots as clients."""
        yield PausingSide(virtual(asyncio.get_running_loop()), self._pauses)


class PausingSide(FakeSide):
    """Each request: published, executed for half a second, returned."""

    def __init__(self, loop: VirtualLoop, pauses: list[tuple[int, int]]) -> None:
        super().__init__(loop, None, 0.5, lambda *_: None)
        self._pauses, self._clock = pauses, loop.now_ns

    async def submit(self, request: Request) -> Outcome:
        """Stamps as a worker makes them."""
        await self._on()
        published = self._clock()
        await asyncio.sleep(self._service_s)
        ended = self._clock()
        await self._on()
        return Outcome(request.payload["seconds"], None, published, published, ended, "fake", boot_id())

    async def _on(self) -> None:
        """Until the machine goes on."""
        for at_ns, long_ns in self._pauses:
            if at_ns <= self._clock() < at_ns + long_ns:
                await asyncio.sleep((at_ns + long_ns - self._clock()) / NS)


@pytest.mark.parametrize("seed", [2, 16, 45])
def test_a_machine_that_stands_still_breaks_no_bound(tmp_path: Path, seed: int) -> None:
    """These three were called impossible by a chance that took the replies of a wave for independent ones."""
    spec = spec_of(tmp_path / "spool", load="closed:64", slots=64, duration_s=8.0)
    fold = drive(spec, SilentLink(), Pausing(seed)).fold
    per_s, latency = fold.throughput_per_s, fold.latency("latency")
    assert per_s is not None
    assert latency is not None
    trial = msgspec.structs.replace(
        trial_of(1, throughput_per_s=per_s), ok=fold.counts.ok, seconds=fold.seconds, latency_ms=latency, usage=Usages()
    )
    known = Bounds(steady=True, clients=64, error=fold.error, edges_ms=fold.edges_ms, waited=fold.waited)
    assert broken_bounds(trial, known) == []
    assert broken_bounds(msgspec.structs.replace(trial, throughput_per_s=2 * per_s), known) != []
