"""Reasons not to trust a number, each typed and with advice."""

from collections.abc import Iterable

from harness.results.cells import CHANGED
from harness.results.model import Doubt, Machine, Settings, Stages, Trial
from harness.statistics.units import percent, rate_in_words

DRIFT_MOST = 0.2
OTHERS_MOST = 0.1
"""Share of the machine's cores that others may use."""
STEAL_MOST = 0.02
LATE_SHARE_MOST = 0.1
WALL_APART_MOST_S = 0.5
LATE_LEAST_MS = 1.0
FLOOR_SHARE_MOST = 0.2
UNSUSTAINABLE = "unsustainable"
"""The kind that keeps a latency from being ranked."""
NOT_STATIONARY = "not-stationary"
"""The kind that keeps any figure from being ranked."""
RESPONSES_LEAST = 10
"""Of the response times that are seen, a steady window holds so many at the least."""


def of_rest(at_rest: bool) -> list[Doubt]:
    """Where the window opened before the load had come to rest."""
    if at_rest:
        return []
    return [
        Doubt(
            kind=NOT_STATIONARY,
            text="the window opened before the load was seen to be at rest: the figures are those of a start, and are "
            "not ranked",
            advice="give it more time (--timeout), a lower rate, or a warm-up",
        )
    ]


def of_length(seconds: float, mean_ms: float | None) -> list[Doubt]:
    """Where a steady window was short beside the response times in it."""
    if mean_ms is None or seconds * 1000 >= RESPONSES_LEAST * mean_ms:
        return []
    return [
        Doubt(
            kind="short-window",
            text=f"the window held fewer than {RESPONSES_LEAST} response times",
            advice="measure longer: --duration",
        )
    ]


def of_drift(drift: float | None) -> list[Doubt]:
    """Doubts if a steady window was not steady; `drift` is the throughput of its second half ÷ that of its first."""
    if drift is None or abs(drift - 1) <= DRIFT_MOST:
        return []
    return [
        Doubt(
            kind="drifting",
            text="throughput in the first and the second half of the window differs by more than a fifth",
            advice="measure longer (--duration), or warm up longer",
        )
    ]


def of_requests(not_ok: int, ok: int, duplicates: int | None, unanswered: int = 0) -> list[Doubt]:
    """Doubts if not every request was answered correctly, and once; `unanswered` were executed without an answer."""
    doubts = []
    executed = f"; {unanswered:,} were executed, and their answers did not arrive" if unanswered else ""
    if not_ok:
        doubts.append(
            Doubt(
                kind="not-all-ok",
                text=f"{not_ok:,} of {not_ok + ok:,} requests of a trial failed, got a wrong reply or were lost"
                + executed,
                advice="look at the errors; the figures include good replies only",
            )
        )
    if duplicates:
        doubts.append(
            Doubt(
                kind="duplicated",
                text="workers executed some requests more than once",
                advice="look for redelivery: visibility timeout, late acks, a lost worker",
            )
        )
    return doubts


def of_clocks(comparable: bool, debug: bool, wall_apart_s: float = 0.0) -> list[Doubt]:
    """Doubts if clocks cannot be compared, wall clocks differ by so much, or Python ran in a debug mode."""
    doubts = []
    if not comparable:
        doubts.append(
            Doubt(
                kind="clock-not-comparable",
                text="workers and driver ran under different kernels or time namespaces: their clocks give only "
                "durations, and the time between publishing and the reply is shown as execution and transport",
                advice="run the workers on the driver's machine to see queue wait and return separately",
            )
        )
    if wall_apart_s > WALL_APART_MOST_S:
        doubts.append(
            Doubt(
                kind="wall-clocks-differ",
                text=f"the wall clocks of this machine and of drivers, workers or origin differ by more than "
                f"{1000 * WALL_APART_MOST_S:g} ms: what has an eta, a countdown or an expiry is early or late by that",
                advice="set the clocks by NTP",
            )
        )
    if debug:
        doubts.append(
            Doubt(
                kind="debug-mode",
                text="Python's development mode or asyncio's debug mode was on, which slows both sides down unequally",
                advice="unset PYTHONDEVMODE and PYTHONASYNCIODEBUG",
            )
        )
    return doubts


def of_machine(machine: Machine | None) -> list[Doubt]:
    """Doubts if other processes, or the hypervisor, used the machine during the trial."""
    if machine is None or machine.seconds <= 0:
        return []
    capacity_s = machine.seconds * machine.cpus
    if machine.others_cpu_s <= OTHERS_MOST * capacity_s and machine.steal_s <= STEAL_MOST * capacity_s:
        return []
    return [
        Doubt(
            kind="noisy-machine",
            text=f"other processes used more than {percent(OTHERS_MOST)} of the machine, or the hypervisor took more "
            f"than {percent(STEAL_MOST)} of it",
            advice="stop other processes; ratios between interleaved rows are affected less than single figures",
        )
    ]


def of_growth(grows: bool, rate_per_s: float, sustained_per_s: float | None) -> list[Doubt]:
    """Doubts if an open load came faster than it was served."""
    if not grows:
        return []
    sustained = f" ({rate_in_words(sustained_per_s)}/s was sustained)" if sustained_per_s else ""
    return [
        Doubt(
            kind=UNSUSTAINABLE,
            text=f"the backlog grew until the end of the window: {rate_per_s:g}/s is more than was served{sustained}, "
            "so the latency only shows how long the trial ran",
            advice="lower the rate; latencies are compared only at a rate that both sides sustain",
        )
    ]


def of_pacing(stages: Stages | None) -> list[Doubt]:
    """Doubts if the driver started requests late; judged by the mean lag where there are too few for a p99."""
    if stages is None:
        return []
    lag = stages.driver_lag
    tail_ms = lag.mean if lag.p99 is None else lag.p99
    whole_ms = sum(
        stage.mean
        for stage in (
            stages.driver_lag,
            stages.publish,
            stages.queue_wait,
            stages.execution,
            stages.return_,
            stages.transport,
        )
        if stage is not None
    )
    if tail_ms <= LATE_LEAST_MS or lag.mean <= LATE_SHARE_MOST * whole_ms:
        return []
    return [
        Doubt(
            kind="late-pacing",
            text=f"requests started late: driver lag is more than {percent(LATE_SHARE_MOST)} of the latency "
            "(and part of it, as a caller would see it)",
            advice="lower the rate, or spread the load over more drivers",
        )
    ]


def of_pause(began_early: bool) -> list[Doubt]:
    """Doubts if workers began on a backlog before all of it had been published."""
    if not began_early:
        return []
    return [
        Doubt(
            kind="pause-did-not-hold",
            text="some requests were executed before the backlog was complete: publish rate and drain rate are mixed",
            advice="check the worker's log, and whether anything else consumes from that queue",
        )
    ]


def of_settings(settings: Settings) -> list[Doubt]:
    """Doubts if a contender's effective settings differ from those asked of it."""
    differing = [
        f"{key} = {settings.effective[key]!r} (requested: {value!r})"
        for key, value in settings.asked.items()
        if key in settings.effective and settings.effective[key] != value and not key.startswith(CHANGED)
    ]
    if not differing:
        return []
    return [
        Doubt(
            kind="settings-differ",
            text=f"it reports settings other than those requested: {', '.join(differing)}",
            advice="look for CELERY_… variables, a configuration file of the worker, or an older worker",
        )
    ]


def of_celery(settings: Settings) -> list[Doubt]:
    """Doubts if the workers' Celery is older than what the client that waits for results relies on."""
    version = str(settings.effective.get("celery", ""))
    numbers = version.split(".")[:2]
    if not version or not all(number.isdecimal() for number in numbers) or [*map(int, numbers)] >= [5, 7]:
        return []
    return [
        Doubt(
            kind="older-celery",
            text=f"Celery {version}: before 5.7, a result that arrives while it is subscribed to may be missed, and is "
            "then found up to 2 s later; and a worker with threads fetches nothing for up to 2 s once all that it may "
            "prefetch has been begun",
            advice="trust execution times more than latencies, and than rates of threads; or measure with Celery 5.7",
        )
    ]


def of_floor(floor_ms: float | None, latency_ms: float, is_floor: bool) -> list[Doubt]:
    """Doubts if a good part of the latency is the contender's own, whatever the work."""
    if is_floor or floor_ms is None or floor_ms <= FLOOR_SHARE_MOST * latency_ms:
        return []
    return [
        Doubt(
            kind="floor",
            text=f"a no-op alone takes more than {percent(FLOOR_SHARE_MOST)} of this latency: it shows the contender's "
            "own cost rather than the work",
            advice="treat it as overhead, or measure longer tasks",
        )
    ]


def each_kind_once(trials: Iterable[Trial]) -> list[Doubt]:
    """The doubts of several trials, the first of each kind."""
    by_kind: dict[str, Doubt] = {}
    for trial in trials:
        for doubt in trial.doubts:
            by_kind.setdefault(doubt.kind, doubt)
    return list(by_kind.values())


def of_several(several: bool) -> list[Doubt]:
    """Doubts if a request is not one execution in one slot."""
    if not several:
        return []
    return [
        Doubt(
            kind="several-tasks",
            text="a request is several Celery tasks, each of which takes a slot; on asyncio it takes one slot",
            advice="compare at as many slots as tasks run at once, and look at the table of stages",
        )
    ]


def of_tuning(side: str | None) -> list[Doubt]:
    """Doubts if one side of a table is tuned and the other is not."""
    if side is None:
        return []
    return [
        Doubt(
            kind="tuned-alone",
            text=f"{side} is tuned in this table and the other side is not",
            advice="show both sides untuned (NAME) and tuned (NAME+tuned)",
        )
    ]
