"""Which texts of a document are published: words of the workbench's own, versions, dates, what names a processor."""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from harness import registry
from harness.recording.hdr import Histogram, NotAHistogram
from harness.registry import PLANS
from harness.report.words.doubts import BY_KIND
from harness.results.environment import PACKAGES
from harness.results.keeping import Rule, Rules
from harness.results.profile import VIEW as PROFILED
from harness.statistics.metrics import BY_KEY

VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,2}((a|b|rc|\.?post|\.?dev)\d{1,3})?\+?")
"""Of three parts at the most: four are an address."""
COMMIT = re.compile(r"[0-9a-f]{12}(-dirty)?")
PLATFORM = re.compile(r"(Linux|macOS)(-\d{1,3}\.\d{1,3})?(-(x86_64|aarch64|arm64))?")
NUMBER = r"\d{1,9}(\.\d{1,6})?"
LOAD = re.compile(
    rf"((closed|drain|burst):\d{{1,9}}|open:{NUMBER}/s(:uniform)?|surge:{NUMBER}/s\*{NUMBER}:{NUMBER}s"
    rf"|crash:[a-z-]{{1,20}}@\d{{1,9}}:({NUMBER}/s|\d{{1,9}}))"
)
OTHER_VIEW = re.compile(r"view \d{1,3}")
PROCESSOR = re.compile(
    r"(AMD|Apple|ARM|Ampere|Altra|Athlon|Core|Cortex|CPU|EPYC|Gold|Graviton\d?|Intel|M\d|Max|Neoverse|Platinum|Pro|"
    r"Processor|Ryzen|Silver|Threadripper|Ultra|Xeon|@|(Dual|Quad|\d{1,3})-Core|i[3579]-\d{4,5}[A-Z]{0,3}|"
    r"E[357]-\d{4}[A-Z]?|\d{4,5}[A-Z]{0,3}|[NV][123]|v[1-9]|\d\.\d{1,2}GHz)"
)
"""A word of a processor's name."""
KINDS_OF_MEMORY = frozenset({"pss", "rss"})
PARTS = frozenset({"driver", "workers", "broker", "origin", "session", "others", "interrupts", "steal"})
LIMITS = PARTS | {
    *("CPU quota", "event loop", "machine", "slots", "the work", "clients", "rate", "unclear"),
    *("worker main process", "worker children", "threads", "connections", "processes"),
}
STAGES = frozenset({"driver_lag", "publish", "queue_wait", "execution", "return", "transport"})
PERCENTILES = frozenset({"mean", "p50", "p90", "p99", "all"})


def _in(words: Callable[[], frozenset[str]]) -> Rule:
    return lambda text: text in words()


def _like(pattern: re.Pattern[str]) -> Rule:
    return lambda text: pattern.fullmatch(text) is not None


@cache
def plans() -> frozenset[str]:
    """Names of the plans that come with the workbench."""
    return frozenset(_plans())


@cache
def planned() -> frozenset[str]:
    """Every text in them, and the parts of contenders with their settings."""
    texts = {text for plan in _plans().values() for text in _texts(plan)}
    return frozenset(texts | {part for text in texts for part in re.split("[+:@]", text)} | {"floor", PROFILED})


@cache
def _contenders() -> frozenset[str]:
    return frozenset(registry.shipped("contender"))


@cache
def _workloads() -> frozenset[str]:
    return frozenset(registry.shipped("workload"))


def _plans() -> dict[str, Any]:
    return {file.stem: tomllib.loads(file.read_text("utf-8")) for file in PLANS.glob("*.toml")}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _is_date(text: str) -> bool:
    """As the workbench writes it."""
    try:
        return text == datetime.fromisoformat(text).isoformat(timespec="seconds") and text.endswith("+00:00")
    except ValueError:
        return False


def _is_histogram(text: str) -> bool:
    """Counts of values, whatever its text looks like; it is written anew."""
    try:
        Histogram.decode(text)
    except NotAHistogram:
        return False
    return True


def processor(name: str | None) -> str | None:
    """Those words of a processor's name that name processors."""
    words = re.sub(r"\((R|TM)\)", "", name or "").split()
    return " ".join(word for word in words if PROCESSOR.fullmatch(word)) or None


def platform(name: str) -> str:
    """System, version of the kernel by two numbers, and architecture."""
    system = re.match(r"(Linux|macOS)(-\d{1,3}\.\d{1,3})?", name)
    machine = re.search(r"(?<=-)(x86_64|aarch64|arm64)(?=-|$)", name)
    return "-".join([*([system[0]] if system else []), *([machine[0]] if system and machine else [])])


RULES: Rules = {
    "Results.schema": _like(re.compile(r"workbench/\d{1,3}\.\d{1,3}")),
    "Run.id": _like(re.compile("[0-9a-f]{16}")),
    "Run.started": _is_date,
    "Run.finished": _is_date,
    "Run.plan": _in(plans),
    "Run.kept": _in(lambda: frozenset({"workers", "broker", "origin", "postgres", "driver"})),
    "View.name": lambda text: text in planned() or OTHER_VIEW.fullmatch(text) is not None,
    "View.about": _in(planned),
    "Environment.python": _like(VERSION),
    "Environment.platform": _like(PLATFORM),
    "Environment.cpu_model": lambda text: processor(text) == text,
    "Environment.packages": lambda text: text in PACKAGES,
    "Environment.packages{}": _like(VERSION),
    "Environment.git": _like(COMMIT),
    "Environment.governor": _in(lambda: frozenset({"performance", "powersave", "ondemand", "schedutil"})),
    "BrokerDescription.server": _in(lambda: frozenset({"redis", "rabbitmq", "valkey", "dragonfly"})),
    "BrokerDescription.version": _like(VERSION),
    "BrokerDescription.backend": _in(lambda: frozenset({"redis", "rpc"})),
    "Cell.views": lambda text: text in planned() or OTHER_VIEW.fullmatch(text) is not None,
    "Cell.workload": _in(_workloads),
    "Cell.contender": _in(_contenders),
    "Cell.tuning": _in(planned),
    "Cell.producer": _in(lambda: frozenset({"apply_async", "batch", "lean"})),
    "Cell.broker": _in(lambda: frozenset({"redis", "rabbitmq"})),
    "LoadDescription.kind": _in(lambda: frozenset(registry.shipped("load"))),
    "LoadDescription.text": _like(LOAD),
    "LoadDescription.ranked": lambda text: text in BY_KEY,
    "LoadDescription.arrivals": _in(lambda: frozenset({"poisson", "uniform"})),
    "Doubt.kind": lambda text: text in BY_KIND,
    "Trial.bottleneck": _in(lambda: LIMITS),
    "Trial.busy": _in(lambda: LIMITS),
    "Trial.shares": _in(lambda: PARTS),
    "Trial.makespan_ms": _in(lambda: PERCENTILES),
    "Trial.histograms": _in(lambda: frozenset({"latency"})),
    "Trial.histograms{}": _is_histogram,
    "Usage.memory_kind": _in(lambda: KINDS_OF_MEMORY),
    "Summary.latency_ci95_ms": _in(lambda: PERCENTILES),
    "Summary.stages_ms": _in(lambda: STAGES),
    "Summary.makespan_ms": _in(lambda: PERCENTILES),
    "Summary.bottleneck": _in(lambda: LIMITS),
    "Summary.busy": _in(lambda: LIMITS),
    "Summary.shares": _in(lambda: PARTS),
}
"""Everything else that is text is left out."""
