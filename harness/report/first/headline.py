"""The headline: one sentence of at most 15 words that a decision can be made from, with what makes it uncertain."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from harness.report.doubted import kinds_of, leading
from harness.report.first.by_number import of_numbers
from harness.report.first.screen import SEEN_ONCE, WORDS_MOST, Effect, OverviewRow, Standing
from harness.report.first.sizes import plainly, size_of, times_of
from harness.report.wording import counted
from harness.results.model import Cell
from harness.statistics.rungs import TOGETHER

INDICATIVE, UNDECIDED = "indicative", "CPU undecided"
CONTROL = "nothing"
"""The rung of a ladder that changes nothing: it shows the noise, and is none of the changes."""


class Better(NamedTuple):
    """What rows are counted by, in words."""

    better: str
    equal: str
    was: str
    """What the better one was, where it was seen once."""
    equal_once: str
    what: str


FASTER = Better("is faster", "are equally fast", "was faster", "were equally fast", "Speed")
SOONER = Better("answers sooner", "answer equally soon", "answered sooner", "answered equally soon", "Latency")
"""Of latencies."""
CHEAPER = Better("takes less CPU", "take equal CPU", "took less CPU", "took equal CPU", "CPU")


def fitting(candidates: Iterable[str], rows: Sequence[OverviewRow] = (), *, uncertain: str = "") -> str:
    """The first of these sentences that has at most 15 words with what makes its rows uncertain; else the last, cut.

    Where none has, the doubt is left out first: the line on certainty names it. `uncertain`: where it is not of rows of
    the overview.
    """
    said, sentences = uncertain or qualifiers(rows), list(candidates)
    few, comma, _ = said.partition(",")
    without_doubt = f"{few})" if comma else said if any(word in said for word in (SEEN_ONCE, INDICATIVE)) else ""
    for text in (f"{sentence}{why}." for why in (said, without_doubt) for sentence in sentences):
        if len(text.split()) <= WORDS_MOST:
            return text
    kept = sentences[-1].split()[: WORDS_MOST - len(said.split())]
    return " ".join(kept).rstrip(",;:") + f"{said}."


def qualifiers(rows: Sequence[OverviewRow]) -> str:
    """` (indicative, machine-bound)`: whether there are verdicts, and the doubt that explains most rows."""
    effects = [row.speed for row in rows if row.speed.standing != "untold"]
    if effects and all(effect.single for effect in effects):
        return _qualified(SEEN_ONCE, [row.doubts for row in rows])
    return _qualified(INDICATIVE if any(effect.few for effect in effects) else "", [row.doubts for row in rows])


def qualifiers_of(cells: Sequence[Cell], *, few: bool = False) -> str:
    """The same of single rows."""
    return _qualified(INDICATIVE if few else "", [kinds_of([cell]) for cell in cells])


def _qualified(few: str, doubts: Sequence[Sequence[str]]) -> str:
    words = [word for word in (few, leading(doubts)) if word]
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
    return of_several(told, noun, SOONER if all("latency" in row.what for row in told) else FASTER)


def of_cpu(rows: Sequence[OverviewRow], noun: str) -> str:
    """Rows of whose speeds the set-up decides: their CPU alone."""
    if len(rows) > 1:
        alike = [row._replace(speed=row.cpu) for row in rows if row.cpu is not None]
        return of_several(alike, noun, CHEAPER)
    (row,) = rows
    said = _cpu(row)
    if said in ("", UNDECIDED):
        said = f"undecided whether {row.first.name} or {row.second.name} takes less CPU"
    return fitting([f"{row.subject}: {said}", said], [row._replace(speed=row.cpu or row.speed)])


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
    if effect.near:
        return [f"{better} and {worse} were about equally fast", "about equally fast"]
    if effect.single and effect.ratio is not None:
        times = plainly(max(effect.ratio, 1 / effect.ratio))
        return [f"{better} was {times} times as fast as {worse}", f"{better} was {times} times as fast"]
    if effect.standing == "undecided":
        return [f"undecided whether {better} or {worse} is faster", "undecided in speed"]
    if effect.times is None:
        return [f"{better} is faster than {worse}", f"{better} is faster"]
    times = plainly(effect.times)
    return [f"{better} is {times} times as fast as {worse}", f"{better} is {times} times as fast"]


def _cpu(row: OverviewRow, *, by_label: bool = False) -> str:
    """Who takes more of it; empty where that is not known."""
    effect = row.cpu
    if effect is None or not effect.ratio or effect.times is None:
        return ""
    if effect.standing == "equal":
        return "equal CPU"
    if effect.near:
        return "about equal CPU"
    if effect.standing == "undecided" and not effect.single:
        return UNDECIDED
    cheaper, dearer = (row.first, row.second) if effect.ratio >= 1 else (row.second, row.first)
    first, second = (dearer.label, cheaper.label) if by_label else (dearer.name, cheaper.name)
    times = plainly(max(effect.ratio, 1 / effect.ratio))
    return f"{first} {'took' if effect.single else 'takes'} {times} times {second}'s CPU"


def of_several(rows: Sequence[OverviewRow], noun: str, said: Better = FASTER) -> str:
    """In how many rows each is faster, or takes less CPU."""
    names = {(row.first.name, row.second.name) for row in rows}
    if len(names) != 1:
        return _of_different(rows, noun, said)
    ((first, second),) = names
    if all(row.speed.single for row in rows):
        return fitting(_seen_once(rows, (first, second), noun, said), rows)
    cpu = _cpu_range(rows)
    by_number = list(of_numbers(rows, (first, second), said.better, said.equal))
    texts = [_counted(rows, (first, second), noun, said, sized=sized) for sized in (True, False)]
    texts.append(texts[-1].partition(";")[0])  # what is equal and what is undecided, the next line counts
    both = [f"{text}; {clause}" for text in (*by_number, *texts) for clause in cpu]
    return fitting([*both, *by_number, *texts], rows)


def _of_different(rows: Sequence[OverviewRow], noun: str, said: Better) -> str:
    """Of rows that compare different contenders: the largest difference, and in how many there is one."""
    known = [row for row in rows if row.speed.single or row.speed.standing in ("first", "second")]
    if not known:
        return fitting([f"No clear difference in {len(rows)} {noun}"], rows)
    row = max(known, key=lambda each: size_of(each.speed))
    better = (row.first if (row.speed.ratio or 1) >= 1 else row.second).name
    verb = said.was if row.speed.single else said.better
    largest = f"the largest: {better} {verb}, {plainly(size_of(row.speed))} times, in {row.name}"
    seen = "Differences seen" if row.speed.single else "A clear difference"
    text = f"{seen} in {len(known)} of {len(rows)} {noun}"
    return fitting([f"{text}; {largest}", f"{text}; {largest.partition(', in ')[0]}", text], rows)


def _seen_once(rows: Sequence[OverviewRow], names: tuple[str, str], noun: str, said: Better) -> Iterator[str]:
    """Who was ahead in how many rows of a single round, and by how much; from the longest to the shortest."""
    of, told = len(rows), [row for row in rows if not row.speed.near]
    both = "both" if of == 2 else f"all {of}"
    if not told:
        yield f"{names[0]} and {names[1]} {said.equal_once} in {both} {noun}"
        return
    ahead = Counter((row.speed.ratio or 1) >= 1 for row in told)
    if len(ahead) > 1:
        more = ahead[True] >= ahead[False]
        better, worse = names if more else reversed(names)
        yield f"{better} {said.was} in {ahead[more]} of {of} {noun}, {worse} in {ahead[not more]}"
        return
    of_them = both if len(told) == of else f"{len(told)} of {of}"
    text = f"{names[0] if ahead[True] else names[1]} {said.was} in {of_them} {noun}"
    yield f"{text}, {times_of([row.speed for row in told])}"
    yield text


def _counted(rows: Sequence[OverviewRow], names: tuple[str, str], noun: str, said: Better, *, sized: bool) -> str:
    """`asyncio is faster in 9 of 14 workloads, Celery in 2; 3 undecided`; `sized`: with how much, of one alone."""
    counts = Counter[Standing](row.speed.standing for row in rows)
    total, (first, second) = counts.total(), names
    known = [row.speed for row in rows if row.speed.standing in ("first", "second")]
    one_sided = sized and not (counts["first"] and counts["second"])
    size = f", {times_of(known)}" if known and one_sided else ""
    for standing, text in (
        ("first", f"{first} {said.better} in all"),
        ("second", f"{second} {said.better} in all"),
        ("equal", f"{first} and {second} {said.equal} in all"),
        ("undecided", f"{said.what} undecided in all"),
    ):
        if counts[standing] == total:  # type: ignore[index]
            return (f"{text} {total} {noun}" if total > 2 else f"{text.removesuffix(' all')} both {noun}") + size
    ahead, behind, more, less = first, second, counts["first"], counts["second"]
    if less > more:
        ahead, behind, more, less = behind, ahead, less, more
    parts = [
        f"{ahead} {said.better} in {more} of {total} {noun}{size}" if more else f"No difference seen in {total} {noun}"
    ]
    parts += [f", {behind} in {less}"] if less else []
    parts += [f"; {counts['equal']} equal"] if counts["equal"] else []
    parts += [f"; {counts['undecided']} undecided"] if counts["undecided"] else []
    return "".join(parts)


def _cpu_range(rows: Sequence[OverviewRow]) -> list[str]:
    """Where the same one takes more CPU in all rows: from how many times to how many."""
    known = [row.cpu for row in rows if row.cpu is not None and row.cpu.times is not None]
    standings = {_standing(effect) for effect in known}
    if len(known) < len(rows) or len(standings) != 1 or not standings <= {"first", "second"}:
        return []
    dearer = rows[0].second.name if standings == {"first"} else rows[0].first.name
    times = sorted(_times(effect) for effect in known)
    low, high = plainly(times[0]), plainly(times[-1])
    if low == high:
        return [f"{dearer} takes {low} times the CPU"]
    return [f"{dearer} takes {low} to {high} times the CPU", f"{dearer} takes {low}–{high}× CPU"]


def _standing(effect: Effect) -> Standing:
    """That of a single round is who was ahead in it."""
    if not effect.single:
        return effect.standing
    return "first" if (effect.ratio or 1) >= 1 else "second"


def _times(effect: Effect) -> float:
    """From the side of the better one: 1 or more."""
    return size_of(effect) if effect.single else effect.times or 1.0


def of_ladder(rows: Sequence[OverviewRow]) -> str:
    """How many changes help, and which of them most: of those that are safe, where there is one."""
    together = next((row.speed for row in rows if row.subject == TOGETHER), None)
    rows = [row for row in rows if row.subject not in (CONTROL, TOGETHER)]
    if not rows:
        return fitting(["No change has been measured yet"])
    safe = [row for row in rows if not row.unsafe]
    helping = [row for row in safe or rows if row.speed.standing == "first" and not row.speed.few]
    few = [row for row in rows if row.speed.few or row.speed.single]
    if not helping and few:
        return _too_few(few)
    counts = safe or rows
    noun = "safe change" if len(counts) < len(rows) else "change"
    if not helping:
        none = f"None of {len(counts)} {noun}s is seen to make it faster"
        only = f"The only {noun}, {counts[0].name}, is not seen to make it faster"
        return fitting([none if len(counts) > 1 else only], uncertain=_disturbed(rows))
    best = max(helping, key=lambda row: _times(row.speed))
    helps = "helps" if len(helping) == 1 else "help"
    first = f"{len(helping)} of {len(counts)} {noun}s {helps}; {best.name} most"
    text = f"{first if len(counts) > 1 else f'{best.name} helps'}: {plainly(_times(best.speed))}"
    texts = [f"{text} times the {best.what}", f"{text} times"]
    if together is not None and together.standing == "first" and not together.few:
        texts = [*(f"{each}; together {plainly(_times(together))} times" for each in texts), *texts]
    return fitting(texts, uncertain=_disturbed(rows))


def _disturbed(rows: Sequence[OverviewRow]) -> str:
    return _qualified("", [row.doubts for row in rows])


def _too_few(rows: Sequence[OverviewRow]) -> str:
    """Changes without a verdict: which of them was ahead so far, of those that are safe, where one was."""
    said = f"Too few rounds for {counted(len(rows), 'change')}"
    ahead = [row for row in rows if (row.speed.ratio or 1) > 1 and not row.speed.near]
    best = max(ahead, key=lambda row: (not row.unsafe, row.speed.ratio or 1), default=None)
    so_far = [f"{said}; ahead so far: {best.name}, {plainly(best.speed.ratio or 1)} times"] if best else []
    return fitting([*so_far, said])
