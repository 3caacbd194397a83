"""The effects of a ladder's rungs, judged and in words. Pure functions."""

from harness.results.model import Comparison, Results, View
from harness.statistics.metrics import BY_KEY, METRICS

TOGETHER = "all that helped"
"""Name of the last rung."""
NO_DIFFERENCE, NOT_MEASURED, TOO_FEW = "no difference", "not measured", "too few rounds to say"


def effects(document: Results, view: View) -> list[Comparison]:
    """The comparisons of a rung with its base."""
    return [effect for effect in document.comparisons if effect.view == view.name]


def direction(of_rung: list[Comparison]) -> str | None:
    """Whether a rung made things `faster` or `slower`, by its first metric of speed that differs; else None."""
    verdicts = (effect.verdict for effect in by_metric(of_rung).values())
    return next((verdict for verdict in verdicts if verdict in ("faster", "slower")), None)


def decided(of_rung: list[Comparison]) -> bool:
    """Whether each of its metrics has a verdict."""
    return bool(of_rung) and all(effect.verdict is not None for effect in by_metric(of_rung).values())


def in_words(of_rung: list[Comparison]) -> str:
    """What a rung changed, and by how much."""
    if not of_rung:
        return NOT_MEASURED
    changes = [
        f"{BY_KEY[key].name} {100 * (effect.ratio - 1):+.0f} %"
        for key, effect in by_metric(of_rung).items()
        if effect.verdict not in (None, NO_DIFFERENCE)
    ]
    return "; ".join(changes) or (NO_DIFFERENCE if decided(of_rung) else TOO_FEW)


def by_metric(of_rung: list[Comparison]) -> dict[str, Comparison]:
    """Each metric's effect under the first load that shows it, by key, in the order of the metrics."""
    first = {effect.metric: effect for effect in reversed(of_rung)}
    return {metric.key: first[metric.key] for metric in METRICS if metric.key in first}
