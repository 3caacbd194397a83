"""The effects of a ladder's rungs, judged and in words. Pure functions."""

from harness.results.model import Comparison, Results, View
from harness.statistics.metrics import BY_KEY, METRICS
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED

TOGETHER = "all that helped"
"""Name of the last rung."""
NOT_MEASURED, TOO_FEW = "not measured", "too few rounds or boots to say"


def effects(document: Results, view: View) -> list[Comparison]:
    """The comparisons of a rung with its base."""
    return [effect for effect in document.comparisons if effect.view == view.name]


def direction(of_rung: list[Comparison]) -> str | None:
    """Whether a rung made things `faster` or `slower`, by its first metric of speed that differs; else None."""
    verdicts = (effect.verdict for effect in by_metric(of_rung).values())
    return next((verdict for verdict in verdicts if verdict in ("faster", "slower")), None)


def speeds(of_rung: list[Comparison]) -> list[Comparison]:
    """Its effects on rates and latencies."""
    return [effect for key, effect in by_metric(of_rung).items() if BY_KEY[key].kind != "cost"]


def unchanged(effects_: list[Comparison]) -> str:
    """What effects are called of which none is a difference: the least certain of them."""
    verdicts = {effect.verdict for effect in effects_}
    if None in verdicts:
        return TOO_FEW
    return UNDECIDED if UNDECIDED in verdicts else NO_DIFFERENCE


def in_words(of_rung: list[Comparison]) -> str:
    """What a rung changed, and by how much."""
    if not of_rung:
        return NOT_MEASURED
    changes = [
        BY_KEY[key].told(effect.ratio)
        for key, effect in by_metric(of_rung).items()
        if effect.verdict not in (None, NO_DIFFERENCE, UNDECIDED)
    ]
    return "; ".join(changes) or unchanged(list(by_metric(of_rung).values()))


def by_metric(of_rung: list[Comparison]) -> dict[str, Comparison]:
    """Each metric's effect under the first load that shows it, by key, in the order of the metrics."""
    first = {effect.metric: effect for effect in reversed(of_rung)}
    return {metric.key: first[metric.key] for metric in METRICS if metric.key in first}
