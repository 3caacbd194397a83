"""Rows that are one trial each: every parameter that limits something, and every estimator."""

from collections.abc import Callable
from typing import Any, NamedTuple

from harness.results.model import Trial


def rate(trial: Trial) -> float:
    """Throughput."""
    assert trial.throughput_per_s is not None
    return trial.throughput_per_s


def makespan_ms(trial: Trial) -> float:
    """When all of a burst were done."""
    assert trial.makespan_ms is not None
    last = trial.makespan_ms["all"]
    assert last is not None
    return last


def sustained(trial: Trial) -> float:
    """The rate that was served, where more arrived: a doubt must say so."""
    assert any(doubt.kind == "unsustainable" for doubt in trial.doubts), "no doubt that the rate is not sustained"
    assert trial.sustained_per_s is not None
    return trial.sustained_per_s


def percentile(name: str) -> Callable[[Trial], float]:
    """A percentile of the latency."""

    def of(trial: Trial) -> float:
        assert trial.latency_ms is not None
        value: float = getattr(trial.latency_ms, name)
        return value

    return of


def period_ms(trial: Trial) -> float:
    """Mean time between two runs."""
    return PERIOD_MS * (1 + float(trial.extra["drift_percent"]) / 100)


def requests_a_reply(trial: Trial) -> float:
    """What the origin has counted, for each good reply."""
    assert trial.served is not None
    return trial.served.counted / trial.served.seconds / rate(trial)


def workers_cpu_s(trial: Trial) -> float:
    """CPU-seconds of the workers for each request."""
    workers = trial.usage.workers
    assert workers is not None
    return workers.cpu_s / workers.seconds / rate(trial)


PERIOD_MS = 100.0
RETRYING = {
    **{"fail": 1.0, "hang": 0.0, "garbage": 0.0},
    **{"latency_ms": 300.0, "limit_ms": 5000.0, "attempts": 3, "backoff_ms": 100.0},
}


class Case(NamedTuple):
    """Work, who does it under which load, and what must come out."""

    workload: str
    params: dict[str, Any]
    contender: str
    load: str
    bound: float
    known: str
    figure: Callable[[Trial], float] = rate
    unit: str = "/s"
    duration: str = "1s"

    @property
    def asked(self) -> str:
        """In one line."""
        params = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.workload} ({params}) {self.contender} {self.load}"

    def edges(self, trial: Trial) -> float:
        """The most that requests cut by an end of the window make of a count: one a client, as the harness allows.

        A request that is half inside weighs half; of what the origin counts, most may lie in either half of it.
        """
        if self.figure is not requests_a_reply or trial.served is None:
            return 0.0
        return int(self.load.removeprefix("closed:")) * self.bound / max(1, trial.served.requests)


POOLS = (
    Case("http_date", {"latency_ms": 500.0, "connections": 100}, "asyncio:300", "closed:300",
         200, "100 connections ÷ 0.5 s"),
    Case("http_date", {"latency_ms": 500.0, "connections": 20}, "asyncio:60", "closed:60",
         40, "20 connections ÷ 0.5 s"),
    Case("blocking_call", {"seconds": 0.1, "threads": 6}, "asyncio:64", "closed:64", 60, "6 threads ÷ 0.1 s"),
    Case("blocking_call", {"seconds": 0.25}, "asyncio", "closed:128", 256, "64 threads ÷ 0.25 s, asyncio unbounded"),
    Case("blocking_call", {"seconds": 0.1, "how": "inline"}, "asyncio:4", "closed:4", 10, "one event loop ÷ 0.1 s"),
    Case("blocking_call", {"seconds": 0.25, "how": "process"}, "asyncio:4", "closed:8", 16, "4 processes ÷ 0.25 s"),
    Case("comment_tree", {"depth": 0, "latency_ms": 1000.0}, "asyncio:600", "closed:600", 512, "512 connections ÷ 1 s"),
    Case("sql_query", {"slow_ms": 500.0}, "asyncio", "closed:96", 128, "64 connections of the pool ÷ 0.5 s"),
    Case("mixed_cpu", {"work_ms": 50.0, "cpu_percent": 100.0}, "asyncio:8", "closed:8", 20, "one core ÷ 0.05 s of CPU"),
)  # fmt: skip
SLOTS = (
    Case("sleep", {"seconds": 1.0}, "celery-threads:8", "closed:10", 8, "8 slots ÷ 1 s"),
    Case("sleep", {"seconds": 1.0}, "celery-prefork:8", "closed:10", 8, "8 slots ÷ 1 s"),
    Case("sleep", {"seconds": 0.25}, "asyncio:4", "closed:8", 16, "4 slots ÷ 0.25 s"),
    Case("http_fanout", {"pages": 40, "latency_ms": 250.0}, "asyncio:2", "closed:2", 40, "its pages, 32 at once",
         requests_a_reply, " requests each", duration="15s"),
    Case("http_fanout", {"pages": 40, "latency_ms": 250.0, "how": "gather"}, "asyncio:2", "closed:2", 40,
         "its pages, all at once", requests_a_reply, " requests each"),
    Case("pipeline", {"latency_ms": 250.0}, "asyncio:4", "closed:4", 3, "its steps",
         requests_a_reply, " requests each"),
    Case("flaky_http", RETRYING, "asyncio:16", "closed:16", 16 / 1.05,
         "16 slots ÷ (3 attempts of 0.3 s, and waits of 0.05 and 0.1 s on average)"),
    Case("flaky_http", RETRYING, "asyncio:16", "closed:16", 3, "3 attempts, none of which can succeed",
         requests_a_reply, " requests each"),
    Case("delayed", {"delay_ms": 500.0}, "asyncio:4", "closed:4", 8, "4 clients ÷ 0.5 s"),
    Case("periodic", {"every_ms": PERIOD_MS, "times": 20}, "asyncio", "closed:1", PERIOD_MS,
         "the origin's own stamps against the period", period_ms, " ms"),
)  # fmt: skip
ESTIMATORS = (
    Case("sleep", {"seconds": 0.5}, "celery-threads:8", "drain:48", 16, "8 slots ÷ 0.5 s"),
    Case("sleep", {"seconds": 0.5}, "asyncio:8", "burst:32", 2000, "4 waves of 0.5 s", makespan_ms, " ms"),
    Case("sleep", {"seconds": 0.25}, "asyncio:16", "open:80/s:uniform", 64, "16 slots ÷ 0.25 s; 80/s arrive",
         sustained, duration="4s"),
    Case("sleep", {"seconds": 0.05}, "asyncio:4", "open:76/s:uniform", 76, "arrivals, at a utilisation of 0.95",
         duration="4s"),
    Case("sleep", {"seconds": 0.5}, "asyncio", "open:110/s", 500, "nothing waits",
         percentile("p50"), " ms", duration="10s"),
    Case("sleep", {"seconds": 0.5}, "asyncio", "open:110/s", 500, "nothing waits",
         percentile("p99"), " ms", duration="10s"),
    Case("mixed_cpu", {"work_ms": 500.0, "cpu_percent": 100.0}, "celery-prefork:16", "closed:4", 0.5,
         "CPU that each reply reports", workers_cpu_s, " CPU-s each"),
)  # fmt: skip
