"""Compares two runs, cell by cell. Pure functions."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.results.model import Cell, Environment, Interval, Results, Settings, Verdict
from harness.statistics import families
from harness.statistics.comparisons import ratio_of
from harness.statistics.intervals import Estimate, difference
from harness.statistics.metrics import COSTS, Metric, ranked_by
from harness.statistics.verdicts import in_words, said_by

MEMORY_LIKE = 0.05
WINDOW_LIKE = 0.1
PACKAGES = ("celery", "kombu", "redis", "aiohttp", "uvloop", "gevent", "urllib3", "requests")
Key = tuple[str, str, int, str, int | None, str]


class Change(NamedTuple):
    """One metric of a cell that both runs measured: NEW ÷ BASE."""

    cell: Cell
    """As the base has it."""
    again: Cell
    """As the new run has it."""
    metric: Metric
    base: float
    new: float
    ratio: float
    ci95: Interval | None
    rounds: int
    """Of the run that has fewer."""
    boots: int
    """Of the run that has fewer."""
    verdict: Verdict | None
    """None if there are too few rounds or boots for one."""


class _Pair(NamedTuple):
    """A metric of a cell in both runs."""

    cell: Cell
    again: Cell
    metric: Metric
    base: Estimate
    new: Estimate
    ratio: Estimate


def changes(base: Results, new: Results, *, paired: bool = False) -> Iterator[Change]:
    """For each cell of both runs, what its load ranks by, then the costs; changes of one metric are judged together.

    `paired`: the runs were measured in turns, so that a boot and a round of one are a pair with those of the other.
    """
    pairs = list(_pairs(base, new, paired=paired))
    judged = families.judged([(pair.metric, pair.ratio) for pair in pairs])
    for pair, (interval, _) in zip(pairs, judged, strict=True):
        yield _change(pair, interval)


def _pairs(base: Results, new: Results, *, paired: bool) -> Iterator[_Pair]:
    others = _by_key(new)
    for key, cell in _by_key(base).items():
        if key not in others:
            continue
        for metric in (*ranked_by(cell), *COSTS):
            a, b = metric.estimated(cell), metric.estimated(others[key])
            if a and b and (ratio := ratio_of(cell, others[key], metric) if paired else difference(a, b)):
                yield _Pair(cell, others[key], metric, a, b, ratio)


def _change(pair: _Pair, interval: Interval | None) -> Change:
    return Change(
        cell=pair.cell,
        again=pair.again,
        metric=pair.metric,
        base=pair.base.value,
        new=pair.new.value,
        ratio=pair.ratio.value,
        ci95=interval,
        rounds=pair.ratio.rounds,
        boots=pair.ratio.boots,
        verdict=in_words(said_by(interval), pair.metric.verdicts) if pair.ratio.enough else None,
    )


def measured_rows(results: Results) -> frozenset[int]:
    """What tells the measured cells of a run apart, as numbers that two runs of one process can be compared by."""
    return frozenset(hash(key) for key, cell in _by_key(results).items() if cell.summary is not None)


def only_in_one(base: Results, new: Results) -> tuple[list[str], list[str]]:
    """Names of the cells that only the base has, and of those that only the new run has."""
    a, b = _by_key(base), _by_key(new)
    return [name(a[key]) for key in a if key not in b], [name(b[key]) for key in b if key not in a]


def unlike(base: Results, new: Results) -> list[str]:
    """What differs between the environments and the plans of two runs, so that a change may come from there."""
    differences = [*_environments(base.environment, new.environment), *_plans(base, new)]
    others = _by_key(new)
    for key, cell in _by_key(base).items():
        if key in others:
            differences += _settings(cell, others[key].settings)
    return list(dict.fromkeys(differences))


def name(cell: Cell) -> str:
    """A cell in words: workload, contender and load."""
    return f"{cell.workload} {cell.label} {cell.load.text}"


def _by_key(results: Results) -> dict[Key, Cell]:
    """Cells that are shown; those of the floor alone are measured for the sake of others."""
    scale = results.run.time_scale
    return {
        (cell.workload, repr(sorted(cell.params.items())), scale, cell.name, cell.slots, cell.load.text): cell
        for cell in results.cells
        if not cell.is_only_floor and not cell.profiled
    }


def _environments(a: Environment, b: Environment) -> Iterator[str]:
    facts = {
        "Python": (_minor(a.python), _minor(b.python)),
        "platform": (a.platform, b.platform),
        "CPUs": (a.cpus, b.cpus),
        "CPU quota": (a.cpu_quota, b.cpu_quota),
        "CPU model": (a.cpu_model, b.cpu_model),
        "CPU governor": (a.governor, b.governor),
        "origin": (a.origin is None, b.origin is None),
        "broker": (_broker(a), _broker(b)),
        **{package: (a.packages.get(package), b.packages.get(package)) for package in PACKAGES},
    }
    for what, (in_base, in_new) in facts.items():
        if in_base != in_new:
            yield f"{what}: {in_base} in the base, {in_new} in the new run"
    if abs(a.memory_mb - b.memory_mb) > MEMORY_LIKE * a.memory_mb:
        yield f"memory: {a.memory_mb:,.0f} MB in the base, {b.memory_mb:,.0f} MB in the new run"


def _minor(python: str) -> str:
    return ".".join(python.split(".")[:2])


def _broker(environment: Environment) -> str | None:
    broker = environment.broker
    return None if broker is None else f"{broker.server} {broker.version}, {'own' if broker.own else 'given'}"


def _plans(base: Results, new: Results) -> Iterator[str]:
    scales = base.run.time_scale, new.run.time_scale
    if scales[0] != scales[1]:
        yield f"plan: time scale {scales[0]} in the base, {scales[1]} in the new run: no row is the same"
    for which, names in zip(("base", "new run"), only_in_one(base, new), strict=True):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield f"plan: only the {which} has {', '.join(names[:3])}{more}"
    others = _by_key(new)
    for key, cell in _by_key(base).items():
        if key in others and cell.load.kind in ("closed", "open"):
            a, b = _window_s(cell), _window_s(others[key])
            if a and b and abs(a - b) > WINDOW_LIKE * a:
                yield f"plan: windows of {a:.3g} s in the base, of {b:.3g} s in the new run"
                return


def _window_s(cell: Cell) -> float | None:
    windows = [trial.seconds for trial in cell.trials if trial.status == "measured"]
    return sum(windows) / len(windows) if windows else None


def _settings(cell: Cell, other: Settings) -> Iterator[str]:
    a, b = cell.settings.effective, other.effective
    for key in dict.fromkeys((*a, *b)):
        if key not in ("python", "celery") and a.get(key) != b.get(key):
            yield f"{cell.label}: {key} is {a.get(key)!r} in the base, {b.get(key)!r} in the new run"
