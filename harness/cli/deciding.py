"""What `workbench decide` prepares before it asks: the plan, the schedule, and what it will do, in words."""

from collections.abc import Callable

from harness.cli.decide_options import DecideOptions
from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.decide import ASYNCIO, POOLS, ROUNDS, first_plan, pools_of
from harness.plan.limit import Limit
from harness.plan.making import make_plan
from harness.plan.plan import Plan
from harness.results.model import Decision
from harness.schedule.decide import Decide, Wanted
from harness.statistics.units import PER_SECOND, quantity, seconds, time_in_words

AROUND_S = 20.0
"""For services to start and to end, and for the reports."""


def prepared(options: DecideOptions) -> tuple[Plan, Callable[[], Decide], str]:
    """The plan; what makes its schedule, whose time then begins; and what is printed. Raises UsageError."""
    pools = pools_of(options.slots)
    asked = make_plan(
        Asked(workloads=[options.job], contenders=[ASYNCIO, *pools], loads=["closed:1"], settings=options.settings)
    ).view[0]
    limit = Limit.parse(f"p99<{options.p99}", "--p99") if options.p99 is not None else None
    limit_s = seconds(options.time, "--time")
    wanted = Wanted(asked=asked, rate_per_s=_rate(options.rate), limit=limit, limit_s=limit_s)
    decision = Decision(job=options.job, at_most=options.at_most)
    return first_plan(asked, pools), lambda: Decide(wanted, decision), _announced(options, limit_s)


def _rate(text: str | None) -> float | None:
    if text is None:
        return None
    rate = quantity(text, PER_SECOND)
    if not rate or rate > 1_000_000:
        raise UsageError(f"--rate: expected a rate above 0, such as 120/s; got {text!r}.")
    return rate


def _announced(options: DecideOptions, limit_s: float) -> str:
    return (
        f"decide {options.job}: one request alone on asyncio and {len(POOLS)} Celery pools, the pools in full use, the "
        f"highest rate, then {ROUNDS} rounds at {options.rate or 'a rate found on the way'}.\n"
        f"It calls the job at most {options.at_most:,} times (--at-most), and takes at most "
        f"{time_in_words(limit_s + AROUND_S)}."
    )
