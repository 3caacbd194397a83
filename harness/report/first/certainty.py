"""What to use, and how sure that is: the second line of a first screen, from the rows of its overview."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from harness.report.doubted import leading
from harness.report.first.headline import INDICATIVE
from harness.report.first.screen import SEEN_ONCE, Certainty, Effect, OverviewRow, bound
from harness.report.wording import counted
from harness.results.model import Cell
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT

NEITHER = "either: nothing here separates them"
UNKNOWN = "not decided by this run"
COMPARISONS = "comparisons"
"""What the rows of an overview are called beside the rows of tables."""


class Lead(NamedTuple):
    """Which of two is ahead by one figure, over several rows."""

    name: str
    """Empty where none is."""
    said: str
    """`one`: in no row behind; `both`: each in some; `equal`, `undecided`; `untold`: compared in no row."""


def evidence(rounds: int, boots: int, most: int = 0) -> str:
    """What a verdict would take, and what there is of it; `most`: in the row with most rounds, if others have fewer."""
    needed = f"the {ROUNDS_FOR_VERDICT} rounds that a verdict takes"
    if rounds < ROUNDS_FOR_VERDICT and rounds < most:
        return f"{rounds} to {most} rounds; a verdict takes {ROUNDS_FOR_VERDICT} of each"
    if rounds == 1:
        return f"each seen once; a verdict takes {ROUNDS_FOR_VERDICT} rounds"
    if rounds < ROUNDS_FOR_VERDICT:
        return f"{counted(rounds, 'round')} of {needed.replace(' rounds', '', 1)}"
    if boots < BOOTS_FOR_VERDICT:
        return f"{counted(rounds, 'round')}, but one start of the workers: no verdict"
    return counted(rounds, "round")


def evidence_of(cells: Iterable[Cell]) -> str:
    """The same of the rows that were measured: by the one that has the fewest rounds, or starts."""
    trials = [cell.counted for cell in cells if cell.summary is not None]
    rounds = [len({(trial.boot, trial.round) for trial in of_cell}) for of_cell in trials]
    boots = [len({trial.boot for trial in of_cell}) for of_cell in trials]
    return evidence(min(rounds), min(boots), max(rounds)) if trials else ""


def is_enough(cell: Cell) -> bool:
    """Whether it has the rounds and the starts that a verdict takes."""
    rounds = {(trial.boot, trial.round) for trial in cell.counted}
    return len(rounds) >= ROUNDS_FOR_VERDICT and len({boot for boot, _ in rounds}) >= BOOTS_FOR_VERDICT


def of_rows(rows: Sequence[OverviewRow]) -> Certainty:
    """Of rows that compare two."""
    told = [row for row in rows if row.told]
    if not told:
        return Certainty()
    speed = _lead([(row, row.speed) for row in told if row.speed.standing != "untold"], once=False)
    cpu = _lead([(row, row.cpu) for row in told if row.cpu is not None], once=True)
    firm = not any(row.doubts or row.speed.few or (row.cpu and row.cpu.few) for row in told)
    sure = "; ".join(filter(None, [seen_in(told), *known(told), doubted(told)]))
    return Certainty(_use(speed, cpu, firm=firm), sure)


def seen_in(rows: Sequence[OverviewRow]) -> str:
    """The evidence behind these: of the one that has the fewest rounds, or starts."""
    effects = [effect for row in rows for effect in (row.speed, row.cpu) if effect is not None and effect.rounds]
    if not effects:
        return ""
    rounds = [effect.rounds for effect in effects]
    return evidence(min(rounds), min(effect.boots for effect in effects), max(rounds))


def doubted(rows: Sequence[OverviewRow]) -> str:
    """`doubted: drifting`; of several comparisons, in how many."""
    return doubted_in([row.doubts for row in rows], COMPARISONS)


def doubted_in(kinds: Sequence[Sequence[str]], noun: str = "rows") -> str:
    """The same of what carries these kinds; `noun`: what that is, in the plural."""
    kind, number = leading(kinds), sum(map(bool, kinds))
    if not kind:
        return ""
    if len(kinds) == 1:
        return f"doubted: {kind}"
    of = len(kinds)
    all_of = "both" if of == 2 else f"all {of}"
    return f"{all_of if number == of else f'{number} of {of}'} {noun} doubted ({_share(kind, kinds)})"


def _share(kind: str, kinds: Sequence[Sequence[str]]) -> str:
    """`drifting`, `mostly drifting`, or `drifting and others`, by in how many of the doubted rows it is."""
    doubted_rows = [of_row for of_row in kinds if of_row]
    if all(set(of_row) == {kind} for of_row in doubted_rows):
        return kind
    mostly = 2 * sum(kind in of_row for of_row in doubted_rows) > len(doubted_rows) > 1
    return f"mostly {kind}" if mostly else f"{kind} and others"


def _lead(effects: Sequence[tuple[OverviewRow, Effect]], *, once: bool) -> Lead:
    """By the rows that have this effect; `once`: whether what was seen once counts for the one that was ahead."""
    counts = Counter(_standing(effect) if once else effect.standing for _, effect in effects)
    if not counts:
        return Lead("", "untold")
    if counts["first"] and counts["second"]:
        return Lead("", "both")
    if counts["first"] or counts["second"]:
        return Lead(_name([row for row, _ in effects], first=bool(counts["first"])), "one")
    return Lead("", "undecided" if counts["undecided"] else "equal")


def _standing(effect: Effect) -> str:
    if effect.near:
        return "equal"
    if effect.single and effect.ratio is not None:
        return "first" if effect.ratio >= 1 else "second"
    return effect.standing


def _name(rows: Sequence[OverviewRow], *, first: bool) -> str:
    """The side, with its contender where that is the same in all rows; empty where rows differ in the side."""
    parties = [row.first if first else row.second for row in rows]
    names, labels = {party.name for party in parties}, {party.label for party in parties}
    if len(names) > 1:
        return ""
    (name,) = names
    (label, *others) = labels
    shown = name if others or name.lower() in label else f"{name} ({label})"
    return label if name == "Celery" and not others else shown


def _use(speed: Lead, cpu: Lead, *, firm: bool) -> str:
    """The one that is ahead; `probably` where doubts or few rounds weigh on it."""
    probably = "" if firm else "probably "
    if speed.name and speed.name == cpu.name:
        return f"{probably}{speed.name}: faster, and for less CPU"
    if speed.name and cpu.name:
        return f"{probably}{speed.name} for speed, {cpu.name} for less CPU"
    if cpu.name:
        also = {
            "equal": "; speeds are equal" if firm else "; speeds were about equal",
            "undecided": "; which is faster is undecided",
            "both": "; which is faster depends: see the comparisons",
        }
        return f"{probably}{cpu.name} where CPU counts{also.get(speed.said, '; speeds are not compared')}"
    if speed.name:
        also = {
            "equal": ", for as much CPU",
            "undecided": "; CPU is undecided",
            "both": "; CPU depends: see the comparisons",
        }
        return f"{probably}{speed.name} for speed{also.get(cpu.said, '')}"
    if "both" in (speed.said, cpu.said) or "one" in (speed.said, cpu.said):
        return "it depends: see the comparisons"
    return UNKNOWN if "undecided" in (speed.said, cpu.said) else NEITHER


def known(rows: Sequence[OverviewRow]) -> Iterator[str]:
    """Of one row, the ends of its intervals; of several, in how many there is a difference for sure."""
    sized = [row for row in rows if row.speed.ratio is not None] or list(rows)
    if len(sized) == 1 or ({row.subject for row in rows} == {rows[0].subject} and len(rows) <= 2):
        yield from _of_one(sized[0], [row for row in rows if row is not sized[0]])
        return
    for what, effects in (("speed", [row.speed for row in rows]), ("CPU", [row.cpu for row in rows if row.cpu])):
        told = [effect for effect in effects if effect.standing != "untold"]
        counts = Counter(effect.standing for effect in told if not effect.single)
        apart = Counter(
            bool(effect.few) for effect in told if effect.standing in ("first", "second") and not effect.single
        )
        counted_in = {"sure": apart[False], INDICATIVE: apart[True], "equal": counts["equal"]}
        counted_in |= {"undecided": counts["undecided"], SEEN_ONCE: len(told) - counts.total()}
        said = [f"{name} in {_of(number, len(told))}" for name, number in counted_in.items() if number]
        if counts:
            yield f"{what} {', '.join(said)}"


def _of(number: int, whole: int) -> str:
    if number == whole:
        return f"both {COMPARISONS}" if whole == 2 else f"all {whole} {COMPARISONS}"
    return f"{number} of {whole}"


def _of_one(row: OverviewRow, others: Sequence[OverviewRow] = ()) -> Iterator[str]:
    """`speed undecided (0.85 to 1.38 times)`; `Celery takes 4.2 to 46 times asyncio's CPU`.

    Where its CPU is undecided, that of another row of the same work, by the names of its contenders.
    """
    if row.speed.standing == "untold":
        yield f"speeds not compared: {row.speed.why}"
    elif row.speed.interval is not None:
        yield _said(row.speed, "speed", f"{row.first.name} {{}} as fast", f"{row.second.name} {{}} as fast")
    if row.cpu is not None and row.cpu.interval is not None:
        known = [other for other in others if other.cpu and other.cpu.standing in ("first", "second")]
        first, second = row.first.name, row.second.name
        if row.cpu.standing == "undecided" and known:
            row, first, second = known[0], known[0].first.label, known[0].second.label
        if row.cpu is None:
            return
        yield _said(row.cpu, "CPU", f"{second} takes {{}} {first}'s CPU", f"{first} takes {{}} {second}'s CPU")


def _said(effect: Effect, what: str, first: str, second: str) -> str:
    low, high = effect.interval or (1.0, 1.0)
    if effect.standing == "second":
        low, high = 1 / high, 1 / low
    between = f"{bound(low)} to {bound(high)} times"
    if effect.standing in ("equal", "undecided"):
        return f"{what} {effect.standing} ({between})"
    return f"{(first if effect.standing == 'first' else second).format(between)} (95 %)"
