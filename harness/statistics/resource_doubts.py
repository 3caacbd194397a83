"""Doubts about what a trial had to run on: what limited it, CPU quotas, memory, the driver's share of the CPU."""

from collections.abc import Mapping

from harness.results.model import Doubt, Machine, Quota

UNACCOUNTED = "cpu-unaccounted"

THROTTLED_MOST = 0.05
"""Share of its periods in which a CPU quota may be used up."""
DRIVER_SHARE_MOST = 0.5
"""CPU of the driver ÷ that of the workers."""
SESSION = "the run"
"""Whom the session's own quota binds."""


def of_bottleneck(bottleneck: str | None) -> list[Doubt]:
    """Doubts if the limit was something that both sides share."""
    if bottleneck == "driver":
        return [
            Doubt(
                kind="driver-bound",
                text="the driver used nearly all of its core and may have been the limit",
                advice="compare CPU per 1,000 requests, or spread the load over more drivers",
            )
        ]
    if bottleneck == "origin":
        return [
            Doubt(
                kind="origin-bound",
                text="the origin used nearly all of its processes' cores and may have been the limit",
                advice="give the origin more processes (--origin-processes) or less work",
            )
        ]
    if bottleneck == "machine":
        return [
            Doubt(
                kind="machine-bound",
                text="driver, workers, broker, origin and others together used nearly all of the machine's cores",
                advice="compare CPU per 1,000 requests: with more cores the rates would differ",
            )
        ]
    return []


def of_quotas(quotas: Mapping[str, Quota | None]) -> list[Doubt]:
    """Doubts if a CPU quota has stopped processes of the run. `quotas`: by whom each binds."""
    throttled = {who: quota for who, quota in quotas.items() if quota and quota.throttled > THROTTLED_MOST}
    if not throttled:
        return []
    who = max(throttled, key=lambda name: throttled[name].throttled)
    quota, ours = throttled[who], quotas.get(SESSION)
    if ours is not None and (ours.cgroup, ours.cores) == (quota.cgroup, quota.cores):
        who = SESSION
    return [
        Doubt(
            kind="throttled",
            text=f"the CPU quota of {quota.cores:g} cores for {who} was used up in {quota.throttled_periods:,} of "
            f"{quota.periods:,} periods of {1000 * quota.period_s:g} ms: processes stood still for their rest",
            advice="raise the quota (docker run --cpus, resources.limits.cpu) or the number of cores",
        )
    ]


def of_oom_kills(machine: Machine | None) -> list[Doubt]:
    """Doubts if the kernel has killed a process because memory was used up."""
    if machine is None or not machine.oom_kills:
        return []
    return [
        Doubt(
            kind="out-of-memory",
            text=f"memory was used up, and the kernel killed {machine.oom_kills} of the processes",
            advice="raise the limit of memory, or use fewer slots",
        )
    ]


def of_driver_cpu(driver_cores: float, workers_cores: float) -> list[Doubt]:
    """Doubts if the driver used more than half of the CPU of the workers that it measures (0: there are none)."""
    if not workers_cores or driver_cores <= DRIVER_SHARE_MOST * workers_cores:
        return []
    return [
        Doubt(
            kind="driver-heavy",
            text="the driver used more than half as much CPU to publish and to receive as the workers to execute: the "
            "rate is that of both together",
            advice="on Celery, compare with the same contender and +lean-producer, whose driver costs less",
        )
    ]


def of_unaccounted(text: str | None) -> list[Doubt]:
    """A doubt if processes of the run used CPU that no role reports. `text`: with both figures."""
    if text is None:
        return []
    advice = "do not rely on the CPU of this row: run it again, while the machine does less else"
    return [Doubt(kind=UNACCOUNTED, text=text, advice=advice)]
