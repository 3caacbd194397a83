"""The card of `workbench size`: what each contender takes at the rate, what was verified, and how it was computed."""

import math
from collections.abc import Iterator, Sequence

from harness.report.card.headline import of_advice
from harness.report.card.shape import CardLine, SizeCard
from harness.report.card.wording import core_count, ms, per_s, size
from harness.report.table import BLANK, number
from harness.report.wording import capitalised, counted
from harness.results.model import Proposal, Results, Sizing, Verified
from harness.statistics.units import percent

SURE = {
    "right": "computed, and verified by a run of it and of a slot fewer",
    "wrong": "computed, and a run of it did not bear that out",
    "undecided": "computed; a run of it left it undecided",
    "not verified": "computed from what was measured here, and not verified",
}
"""By what a proposal was verified."""
GB_FROM = 10_000
"""Megabytes."""
SMALL = 0.01


def size_card(results: Results) -> SizeCard | None:
    """None if the run is not one of `workbench size`."""
    sizing = results.run.sizing
    if sizing is None:
        return None
    proposals = sizing.proposals
    limit = f", p99 below {ms(sizing.limit_ms)}" if sizing.limit_ms is not None else ""
    return SizeCard(
        title=f"{sizing.job} at {per_s(sizing.rate_per_s)}{limit}",
        heads=(f"{percent(sizing.utilisation)} busy", *(proposal.contender for proposal in proposals)),
        lines=list(_lines(sizing)) if proposals else [],
        parts=[
            ("What it says", advice(sizing)),
            ("The broker", list(_brokers(sizing))),
            ("How it was computed", list(_computed(sizing))),
            ("Left out", [f"{reason}." for reason in sizing.left_out]),
        ],
        headline=_headline(sizing),
        sure=SURE[sizing.verdict],
    )


def _headline(sizing: Sizing) -> str:
    """A proposal that is wrong; else the fewest cores, and whether that was verified."""
    if sizing.verified and sizing.verdict == "wrong":
        return of_advice(next(_verified(sizing)))
    said = [*_fewest(sizing), *_missing(sizing), *advice(sizing)][0]
    uncertain = {"right": "", "undecided": " (verified: undecided)"}.get(sizing.verdict, " (not verified)")
    return of_advice(capitalised(said.removeprefix("The ")), uncertain=uncertain)


def _lines(sizing: Sizing) -> Iterator[CardLine]:
    """A line for each figure, with a column for each proposal."""

    def line(name: str, texts: Sequence[str]) -> CardLine:
        return (name, *texts)

    of = sizing.proposals
    yield line("slots", [f"{each.slots:,}" for each in of])
    yield line("processes × slots", [f"{each.processes:,} × {each.slots_each:,}" for each in of])
    yield line("cores to have", [number(each.cores, 2) for each in of])
    yield line("of them callers", [_or_blank(each.caller_cores / sizing.utilisation) for each in of])
    yield line("machines like this", [f"{each.machines:,}" for each in of])
    yield line("memory", [_memory(each.memory_mb) for each in of])
    yield line("slots busy", [percent(each.slots_busy) for each in of])
    yield line("core busy", [percent(each.core_busy) for each in of])
    yield line("broker busy", [percent(each.broker_busy) if each.broker_busy else BLANK for each in of])
    yield line("p99 to expect", [f"{ms(each.p99_ms)}{' !' if each.misses else ''}" for each in of])
    if sizing.price is not None:
        yield line("bill a million", [number(each.bill_per_million or 0.0, 3) for each in of])


def advice(sizing: Sizing) -> list[str]:
    """What was verified; which contender takes the fewest cores; which misses the limit."""
    return [*_verified(sizing), *_fewest(sizing), *_missing(sizing)]


def _verified(sizing: Sizing) -> Iterator[str]:
    if not sizing.asked_to_verify:
        yield "Computed from what was measured here, and not verified: --verify runs a proposal and a slot fewer."
        return
    seen = "; ".join(map(_trial, sizing.verified))
    if sizing.verdict == "not verified":
        yield "Not verified: nothing of it was run."
    elif sizing.verdict == "undecided":
        yield _undecided(sizing, seen)
    elif sizing.verdict == "right":
        yield f"Verified, made smaller to fit this machine: {seen}."
    else:
        yield f"WRONG: a trial did not go as proposed, so do not rely on this. {seen}."


def _undecided(sizing: Sizing, seen: str) -> str:
    disturbed = any(trial.disturbed for trial in sizing.verified if not trial.is_known)
    why = "others used the machine meanwhile" if disturbed else "a trial does not tell whether its queue grows"
    return f"Undecided, because {why}: do it again on a quieter machine. {seen}."


def _trial(trial: Verified) -> str:
    told = {True: "keeps up", False: "does not", None: "is not known to keep up or not"}[trial.held]
    otherwise = ", which it should" + (" not" if trial.held else "")
    against = otherwise if trial.held is not None and not trial.as_proposed else ""
    return f"{trial.contender} {told}{against} ({trial.why})"


def _fewest(sizing: Sizing) -> Iterator[str]:
    able = [proposal for proposal in sizing.proposals if not proposal.misses]
    best = min(able, key=lambda proposal: proposal.cores, default=None)
    celery = min((each for each in able if each.side == "celery"), key=lambda each: each.cores, default=None)
    if best is not None:
        yield f"The fewest cores: {_takes(best)}."
    if celery is not None and celery is not best:
        yield f"Of Celery: {_takes(celery)}."


def _takes(proposal: Proposal) -> str:
    noun = "event loop" if proposal.side == "asyncio" else "worker"
    return (
        f"{proposal.contender}, {counted(proposal.processes, noun)} of {counted(proposal.slots_each, 'slot')}, "
        f"{core_count(proposal.cores)}, {_memory(proposal.memory_mb)}"
    )


def _missing(sizing: Sizing) -> Iterator[str]:
    named = [f"{each.contender} ({ms(each.p99_ms)})" for each in sizing.proposals if each.misses]
    if named and sizing.limit_ms is not None:
        yield f"No number of slots brings the p99 below {ms(sizing.limit_ms)}: {', '.join(named)}."


def _brokers(sizing: Sizing) -> Iterator[str]:
    for proposal in sizing.proposals:
        if proposal.broker_most_per_s is None:
            continue
        calls = proposal.broker_calls_per_s
        commands = f", {number(calls, 3)} commands a second" if calls is not None else ""
        several = math.ceil(proposal.broker_busy / sizing.utilisation)
        more = f": {several:,} of them, each with its own queues and workers" if several > 1 else ""
        yield (
            f"{proposal.contender}: its one thread is the limit from {per_s(proposal.broker_most_per_s)} on; "
            f"at {per_s(sizing.rate_per_s)} it is {percent(proposal.broker_busy)} busy{commands}{more}."
        )


def _computed(sizing: Sizing) -> Iterator[str]:
    for each in sizing.proposals:
        yield (
            f"{each.contender}: a request takes a slot for {ms(each.slot_ms)} and {ms(each.outside_ms)} besides; CPU: "
            f"{ms(each.core_ms)} on the core of a process, {ms(each.cpu_ms)} altogether."
        )
    yield (
        "Slots = rate × time of a slot ÷ utilisation; processes = rate × CPU on a process's core ÷ utilisation. The "
        "p99 is that of drawn Poisson arrivals that wait for a slot and for a core. All costs are taken to be the same "
        "at every rate."
    )


def _memory(megabytes: float) -> str:
    return f"{number(megabytes / 1000, 3)} GB" if megabytes >= GB_FROM else size(megabytes)


def _or_blank(cores: float) -> str:
    return number(cores, 2) if cores >= SMALL else BLANK
