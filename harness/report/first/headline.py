"""The headline: one sentence of at most 15 words that a decision can be made from, with what makes it uncertain."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.screen import WORDS_MOST, Effect, OverviewRow, Standing
from harness.report.table import number
from harness.report.words.doubts import ORDER
from harness.results.model import Cell

TEN = 9.95
"""From here, a ratio is written whole."""
INDICATIVE, UNDECIDED = "indicative", "CPU undecided"


class Better(NamedTuple):
    """What rows are counted by, in words."""

    better: str
    equal: str
    ahead: str


FASTER = Better("is faster", "are equally fast", "ahead")
CHEAPER = Better("takes less CPU", "take equal CPU", "with less CPU")


def fitting(candidates: Iterable[str], rows: Sequence[OverviewRow] = (), *, uncertain: str = "") -> str:
    """The first of these sentences that has at most 15 words with what makes its rows uncertain; else the last, cut.

    `uncertain`: where it is not of rows of the overview.
    """
    said = uncertain or qualifiers(rows)
    text = ""
    for candidate in candidates:
        text = f"{candidate}{said}."
        if len(text.split()) <= WORDS_MOST:
            return text
    kept = text.removesuffix(f"{said}.").split()[: WORDS_MOST - len(said.split())]
    return " ".join(kept).rstrip(",;:") + f"{said}."


def qualifiers(rows: Sequence[OverviewRow]) -> str:
    """` (indicative, machine-bound)`: whether there are verdicts, and the doubt that weighs on most rows."""
    return _qualified(any(row.speed.few for row in rows), [row.doubts for row in rows])


def qualifiers_of(cells: Sequence[Cell], *, few: bool = False) -> str:
    """The same of single rows."""
    return _qualified(few, [kinds_of([cell]) for cell in cells])


def _qualified(few: bool, doubts: Sequence[Sequence[str]]) -> str:
    words = [INDICATIVE] if few else []
    kinds = Counter(kind for of_row in doubts for kind in of_row)
    if kinds:
        words.append(max(kinds, key=lambda kind: (kinds[kind], -ORDER[kind])))
    return f" ({', '.join(words)})" if words else ""


def of_rows(rows: Sequence[OverviewRow], noun: str) -> str:
    """What the rows say together; `noun`: what they are, in the plural."""
    sized = [row for row in rows if row.speed.ratio is not None]
    if len(sized) == 1 and {row.subject for row in rows} == {sized[0].subject}:
        return of_one(sized[0], [row for row in rows if row is not sized[0]])
    told = [row for row in rows if row.speed.standing != "untold"]
    if not told:
        return of_cpu(rows, noun)
    if len(told) == 1:
        return of_one(told[0])
    return of_several(told, noun)


def of_cpu(rows: Sequence[OverviewRow], noun: str) -> str:
    """Rows of whose speeds the set-up decides: their CPU alone."""
    if len(rows) > 1:
        alike = [row._replace(speed=row.cpu) for row in rows if row.cpu is not None]
        return of_several(alike, noun, CHEAPER)
    (row,) = rows
    effect, first, second = row.cpu, row.first.name, row.second.name
    if effect is not None and effect.single and effect.ratio is not None:
        dearer, cheaper = (second, first) if effect.ratio >= 1 else (first, second)
        times = plainly(max(effect.ratio, 1 / effect.ratio))
        said = f"undecided, {dearer} took {times} times {cheaper}'s CPU in a single round"
    else:
        said = _cpu(row)
    if said in ("", UNDECIDED):
        said = f"undecided whether {first} or {second} takes less CPU"
    return fitting([f"{row.subject}: {said}", said], [row._replace(speed=effect or row.speed)])


def of_one(row: OverviewRow, others: Sequence[OverviewRow] = ()) -> str:
    """Speed and CPU of a single row; where its CPU is undecided, of another one of the same work."""
    speed, cpu, told = _speed(row), _cpu(row), [row]
    for other in others if cpu in ("", UNDECIDED) else ():
        if (text := _cpu(other, by_label=True)) not in ("", UNDECIDED):
            cpu, told = text, [row, other]
            break
    named = f"{row.subject}: "
    return fitting(
        [
            *(f"{named}{clause}; {cpu}" for clause in speed if cpu),
            *(f"{clause}; {cpu}" for clause in speed if cpu),
            *(f"{named}{clause}" for clause in speed),
            *speed,
        ],
        told,
    )


def _speed(row: OverviewRow) -> list[str]:
    """From the longest to the shortest."""
    effect, better, worse = row.speed, row.first.name, row.second.name
    if effect.standing == "second" or (effect.single and (effect.ratio or 1) < 1):
        better, worse = worse, better
    if effect.standing == "equal":
        return [f"{better} and {worse} are equally fast", "equally fast"]
    if effect.single and effect.ratio is not None:
        times = plainly(max(effect.ratio, 1 / effect.ratio))
        return [f"undecided, {better} {times} times as fast in a single round"]
    if effect.standing == "undecided":
        return [f"undecided whether {better} or {worse} is faster", "undecided in speed"]
    if effect.times is None:
        return [f"{better} is faster than {worse}", f"{better} is faster"]
    times = plainly(effect.times)
    return [f"{better} is {times} times as fast as {worse}", f"{better} is {times} times as fast"]


def _cpu(row: OverviewRow, *, by_label: bool = False) -> str:
    """Who takes more of it; empty where that is not known."""
    effect = row.cpu
    if effect is None or effect.times is None or effect.single:
        return ""
    if effect.standing == "equal":
        return "equal CPU"
    if effect.standing == "undecided":
        return UNDECIDED
    cheaper, dearer = (row.first, row.second) if effect.standing == "first" else (row.second, row.first)
    first, second = (dearer.label, cheaper.label) if by_label else (dearer.name, cheaper.name)
    return f"{first} takes {plainly(effect.times)} times {second}'s CPU"


def of_several(rows: Sequence[OverviewRow], noun: str, said: Better = FASTER) -> str:
    """In how many rows each is faster, or takes less CPU."""
    names = {(row.first.name, row.second.name) for row in rows}
    if len(names) != 1:
        clear = sum(row.speed.standing in ("first", "second") for row in rows)
        return fitting([f"A clear difference in {clear} of {len(rows)} {noun}"], rows)
    ((first, second),) = names
    if all(row.speed.single for row in rows):
        ahead = Counter((row.speed.ratio or 1) >= 1 for row in rows)
        parts = [
            f"{name} {said.ahead} in {times}" for name, times in ((first, ahead[True]), (second, ahead[False])) if times
        ]
        return fitting([f"Undecided after one round: {', '.join(parts)} of {len(rows)} {noun}"], rows)
    counts = Counter[Standing](row.speed.standing for row in rows)
    cpu = _cpu_range(rows)
    text = _counted(counts, first, second, f"{len(rows)} {noun}", said)
    return fitting([*(f"{text}; {clause}" for clause in cpu), text], rows)


def _counted(counts: Counter[Standing], first: str, second: str, of: str, said: Better) -> str:
    """`asyncio is faster in 9 of 14 workloads, Celery in 2; 3 undecided`; `of`: `14 workloads`."""
    total = counts.total()
    for standing, text in (
        ("first", f"{first} {said.better} in all"),
        ("second", f"{second} {said.better} in all"),
        ("equal", f"{first} and {second} {said.equal} in all"),
        ("undecided", "Undecided in all"),
    ):
        if counts[standing] == total:  # type: ignore[index]
            return f"{text} {of}" if total > 2 else f"{text.removesuffix(' all')} both {of.partition(' ')[2]}"
    ahead, behind, more, less = first, second, counts["first"], counts["second"]
    if less > more:
        ahead, behind, more, less = behind, ahead, less, more
    parts = [f"{ahead} {said.better} in {more} of {of}"] if more else [f"No difference seen in {of}"]
    parts += [f", {behind} in {less}"] if less else []
    parts += [f"; {counts['equal']} equal"] if counts["equal"] else []
    parts += [f"; {counts['undecided']} undecided"] if counts["undecided"] else []
    return "".join(parts)


def _cpu_range(rows: Sequence[OverviewRow]) -> list[str]:
    """Where the same one takes more CPU in all rows: from how many times to how many."""
    known = [row.cpu for row in rows if row.cpu is not None and row.cpu.times is not None]
    standings = {effect.standing for effect in known}
    if len(known) < len(rows) or len(standings) != 1 or not standings <= {"first", "second"}:
        return []
    dearer = rows[0].second.name if standings == {"first"} else rows[0].first.name
    times = sorted(_times(effect) for effect in known)
    low, high = plainly(times[0]), plainly(times[-1])
    if low == high:
        return [f"{dearer} takes {low} times the CPU"]
    return [f"{dearer} takes {low} to {high} times the CPU", f"{dearer} takes {low}–{high}× CPU"]


def plainly(ratio: float) -> str:
    """To two digits: `1.5`, `14`."""
    return f"{ratio:,.0f}" if ratio >= TEN else number(ratio, 2)


def _times(effect: Effect) -> float:
    return effect.times or 1.0


def of_ladder(rows: Sequence[OverviewRow]) -> str:
    """How many changes help, and which of them most: of those that are safe, where there is one."""
    helping = [row for row in rows if row.speed.standing == "first" and not row.speed.few]
    if not helping:
        return fitting([f"None of {len(rows)} changes is seen to make it faster"])
    best = max(helping, key=lambda row: (not row.unsafe, _times(row.speed)))
    times = plainly(_times(best.speed))
    return fitting(
        [
            f"{len(helping)} of {len(rows)} changes help; {best.name} most: {times} times the {best.what}",
            f"{len(helping)} of {len(rows)} changes help; {best.name} most: {times} times",
        ]
    )
