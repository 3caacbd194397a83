"""Reasons not to trust a number, each typed and with advice."""

from collections.abc import Iterable

from harness.model import Doubt, Trial
from harness.stats import ROUNDS_FOR_VERDICT

DRIFT_MOST = 0.2
WIDE_MOST = 0.1


def of_trial(
    bottleneck: str | None, drift: float | None, outside_not_ok: int, not_ok: int, duplicates: int | None
) -> list[Doubt]:
    """The doubts that one trial shows by itself."""
    doubts = []
    if bottleneck == "driver":
        doubts.append(
            Doubt(
                kind="driver-bound",
                text="the driver used up its core, so that it may have been the limit",
                advice="compare CPU per 1,000 requests; or spread the load over more drivers",
            )
        )
    if bottleneck == "origin":
        doubts.append(
            Doubt(
                kind="origin-bound",
                text="the origin used up its processes, so that it may have been the limit",
                advice="give the origin more processes, or less to do",
            )
        )
    if drift is not None and abs(drift - 1) > DRIFT_MOST:
        doubts.append(
            Doubt(
                kind="drifting",
                text="throughput of the first and the second half of the window differ by more than a fifth",
                advice="measure longer: --duration; or warm up longer",
            )
        )
    if not_ok or outside_not_ok:
        doubts.append(
            Doubt(
                kind="not-all-ok",
                text="some requests failed, were wrong or were lost",
                advice="see the errors; the figures are of the good replies alone",
            )
        )
    if duplicates:
        doubts.append(
            Doubt(
                kind="duplicated",
                text="workers executed more than was submitted",
                advice="look for redelivery: visibility timeout, acks late, a worker that was lost",
            )
        )
    return doubts


def of_cell(trials: list[Trial], centre: float, interval: tuple[float, float] | None) -> list[Doubt]:
    """The doubts of a cell: those of its trials, each kind once, and those of their number and spread."""
    doubts = list(_each_kind_once(doubt for trial in trials for doubt in trial.doubts))
    if len(trials) < ROUNDS_FOR_VERDICT:
        doubts.append(
            Doubt(
                kind="too-few-rounds",
                text=f"fewer than {ROUNDS_FOR_VERDICT} rounds: intervals and ratios are indicative",
                advice=f"--rounds {ROUNDS_FOR_VERDICT} or more",
            )
        )
    elif interval is not None and (interval[1] - interval[0]) / 2 > WIDE_MOST * centre:
        doubts.append(
            Doubt(
                kind="wide-interval",
                text=f"the interval of the throughput is wider than ±{WIDE_MOST:.0%}",
                advice="more rounds, a longer duration, a quieter machine",
            )
        )
    return doubts


def _each_kind_once(doubts: Iterable[Doubt]) -> Iterable[Doubt]:
    seen = set()
    for doubt in doubts:
        if doubt.kind not in seen:
            seen.add(doubt.kind)
            yield doubt
