"""Makes ladders of settings and what they are measured to buy, with what a test says of them changed."""

from typing import Any

import msgspec

from harness.loads.load import parse_load
from harness.plan.ladder import Ladder, RungPlan
from harness.results.base import MetricKey
from harness.results.model import Comparison, Results, Rung, View
from tests.builders import results_of

LADDER_BASE = "celery-prefork:2"


def ladder_of(*rungs: RungPlan, **changes: Any) -> Ladder:
    """A ladder of no-ops."""
    values: dict[str, Any] = {"name": "mine", "base": LADDER_BASE, "workload": "noop", "loads": ["closed:16"]}
    return Ladder(**({"rounds": 5} | values | changes), rung=list(rungs))


def effect_of(view: str, metric: MetricKey, verdict: Any, ratio: float = 1.5, load: str = "closed:16") -> Comparison:
    """An effect of a rung on a no-op."""
    return Comparison(
        view=view,
        workload="noop",
        params={},
        load=parse_load(load, "the test").describe(),
        base="celery-prefork:2",
        contender="c",
        metric=metric,
        ratio=ratio,
        ci95=(ratio, ratio),
        rounds=5,
        boots=5,
        verdict=verdict,
    )


def ladder_results_of(*effects: Comparison, unsafe: tuple[str, ...] = ()) -> Results:
    """A document with these rungs and effects, and no cells."""
    views = [
        View(name=name, about="", matched="none", rung=Rung(base=(), gives_up="", unsafe=name in unsafe))
        for name in dict.fromkeys(effect.view for effect in effects)
    ]
    results = results_of([], comparisons=list(effects))
    return msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, views=views))
