"""What `workbench size` prepares: the job, the plan, and what is asked for."""

import re
from typing import NamedTuple

from harness.cli.deciding import pools_for, rate_for
from harness.cli.size_options import SizeOptions
from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.decide import ASYNCIO
from harness.plan.making import make_plan
from harness.plan.own_jobs import parted, workload_named
from harness.plan.parameters import Parameter
from harness.plan.plan import Plan, ViewPlan
from harness.plan.size import size_plan
from harness.results.model import Sizing
from harness.statistics.units import PER_CORE_HOUR, quantity, seconds

OF_TIMES = "mixed_cpu"
"""The workload of --service and --cpu."""
WITH_PARAMETERS = re.compile(r"([a-z_0-9]+):(\w+=.*)")
"""`sleep:seconds=0.2`, as no file and no module is written."""
PRICE_MOST = 1e6


class Preparation(NamedTuple):
    """All that is known before anything is measured."""

    options: SizeOptions
    plan: Plan
    asked: ViewPlan
    """The workload with its parameters."""
    sizing: Sizing


def prepared(options: SizeOptions) -> Preparation:
    """What a sizing will do; nothing is called yet. Raises UsageError."""
    job, with_job = _job(options)
    name = workload_named(job, options, "--job", with_parameters=True)
    rate_per_s = rate_for(name, options.rate)
    if rate_per_s is None:
        raise UsageError("expected --rate, such as --rate 2000/s.")
    pools = pools_for(name, options.pools, None)
    asked = _asked(options, name, pools, with_job)
    sizing = Sizing(
        job=_named(options, name),
        rate_per_s=rate_per_s,
        utilisation=options.utilisation / 100,
        limit_ms=None if options.p99 is None else 1000 * seconds(options.p99, "--p99"),
        price=_price(options.price),
        asked_to_verify=options.verify,
    )
    return Preparation(options, size_plan(asked, pools), asked, sizing)


def _job(options: SizeOptions) -> tuple[str, list[Parameter]]:
    """The job as it is named elsewhere, and its parameters."""
    times = {"--service": options.service, "--cpu": options.cpu}
    given = [option for option, value in times.items() if value is not None]
    if options.job is not None and given:
        raise UsageError(f"--job and {given[0]} exclude each other: a job takes its own time.")
    if options.job is not None:
        match = WITH_PARAMETERS.fullmatch(options.job)
        if match is None:
            return options.job, []
        return match[1], [Parameter(f"{match[1]}.{each}", "--job") for each in parted(match[2])]
    if options.service is None:
        raise UsageError("expected --job, or --service and --cpu: see workbench size --help.")
    service_s = seconds(options.service, "--service")
    cpu_s = 0.0 if options.cpu is None else seconds(options.cpu, "--cpu")
    if cpu_s > service_s:
        raise UsageError(f"--cpu {options.cpu}: more than --service {options.service}, which includes it.")
    percent = 100 * cpu_s / service_s
    return OF_TIMES, [
        Parameter(f"{OF_TIMES}.work_ms={1000 * service_s:.9g}", "--service"),
        Parameter(f"{OF_TIMES}.cpu_percent={percent:.9g}", "--cpu"),
    ]


def _named(options: SizeOptions, name: str) -> str:
    """The job in the title: as it was given; a job of the user's own by its name."""
    if options.service is not None:
        return f"{options.service} of which {options.cpu} computing" if options.cpu is not None else options.service
    return options.job if options.job is not None and WITH_PARAMETERS.fullmatch(options.job) else name


def _asked(options: SizeOptions, name: str, pools: list[str], with_job: list[Parameter]) -> ViewPlan:
    asked = Asked(
        workloads=[name],
        contenders=[ASYNCIO, *pools],
        loads=["closed:1"],
        settings=options.settings,
        path=options.path,
    )
    return make_plan(asked, with_job).view[0]


def _price(text: str | None) -> float | None:
    if text is None:
        return None
    price = quantity(text, PER_CORE_HOUR)
    if not price or price > PRICE_MOST:
        raise UsageError(f"--price: expected the price of a core for an hour, such as 0.04/core-h; got {text!r}.")
    return price
