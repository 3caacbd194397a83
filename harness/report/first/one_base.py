"""The headline of rows that compare several contenders with the same one, in the same work: which of them it is."""

from collections.abc import Sequence

from harness.report.first.certainty import doubted, known, of_rows, seen_in
from harness.report.first.headline import fitting, of_one
from harness.report.first.screen import Certainty, OverviewRow
from harness.report.first.sizes import plainly, size_of
from harness.report.wording import listed


def of_one_base(rows: Sequence[OverviewRow]) -> tuple[str, Certainty] | None:
    """None of rows that differ in their work or in their base, and where no speeds are compared."""
    told = [row for row in rows if row.speed.standing != "untold"]
    works, rivals = {(row.subject, row.first.name) for row in told}, {row.second.name for row in told}
    if len(works) != 1 or len(rivals) != len(told) or len(rivals) < len(rows) or len(rivals) == 1:
        return None
    return _headline(told), _certainty(told)


def _headline(rows: Sequence[OverviewRow]) -> str:
    """The one that is most ahead of the base, else what the base leads; what is not known stands behind it."""
    ahead = [row for row in rows if row.speed.standing == "second"]
    behind = [row for row in rows if row.speed.standing == "first"]
    base, names = rows[0].first.name, [row.second.name for row in rows]
    if known_to_be := ahead or behind:
        row = max(known_to_be, key=lambda each: size_of(each.speed))
        better, worse = (row.second.name, base) if ahead else (base, row.second.name)
        open_names = [each.second.name for each in rows if each.speed.standing == "undecided"]
        if not open_names:
            return of_one(row)
        said = f"{better} is faster than {worse}; {listed(open_names)} undecided"
    elif all(row.speed.standing == "equal" for row in rows):
        said = f"{listed(names)} are as fast as {base}"
    else:
        said = f"undecided which of {listed([base, *names])} is fastest"
    return fitting([f"{rows[0].subject}: {said}", said, "undecided in speed"], rows)


def _certainty(rows: Sequence[OverviewRow]) -> Certainty:
    """The one of which none is known to be faster, nor may be; else between which it is undecided."""
    each = [f"against {row.second.name}: {', '.join(texts)}" for row in rows if (texts := list(known([row])))]
    sure = "; ".join(filter(None, [seen_in(rows), *each, doubted(rows)]))
    ahead = [row.second.name for row in rows if row.speed.standing == "second"]
    may_be = [row.second.name for row in rows if row.speed.standing == "undecided"]
    equal = [row.second.name for row in rows if row.speed.standing == "equal"]
    if len(may_be) + len(equal) == len(rows):
        return Certainty(of_rows(rows).use, sure)
    left = [*ahead, *may_be] if ahead else [rows[0].first.name, *equal, *may_be]
    if len(left) > 1 and (ahead or may_be):  # those that are ahead are not compared with each other
        return Certainty(f"undecided between {listed(left)}", sure)
    probably = "probably " if any(row.doubts or row.speed.few for row in rows) else ""
    cpu = _cpu([row for row in rows if row.second.name in left or rows[0].first.name in left])
    if len(left) > 1 and (cheapest := _cheapest(rows, left)):
        others = listed([name for name in left if name != cheapest])
        return Certainty(f"{probably}{cheapest}: as fast as {others}, and for less CPU", sure)
    if len(left) > 1:
        return Certainty(f"{probably}either of {listed(left)}: as fast as each other{cpu}", sure)
    return Certainty(f"{probably}{left[0]}: the fastest of these{cpu}", sure)


def _cheapest(rows: Sequence[OverviewRow], left: Sequence[str]) -> str:
    """The one of these that is known to take less CPU than each other; all are compared with the base alone."""
    base = rows[0].first.name
    standings = {row.second.name: row.cpu.standing if row.cpu else "untold" for row in rows if row.second.name in left}
    if all(standing == "first" for standing in standings.values()):
        return base
    return next(iter(standings)) if list(standings.values()) == ["second"] and base in left else ""


def _cpu(rows: Sequence[OverviewRow]) -> str:
    """Who takes how much more CPU, where that is known of those that are left; of the largest difference."""
    apart = [row for row in rows if row.cpu is not None and row.cpu.standing in ("first", "second")]
    if not apart:
        return ""
    row = max(apart, key=lambda each: size_of(each.cpu) if each.cpu else 1.0)
    effect = row.cpu
    if effect is None:
        return ""
    cheaper, dearer = (row.first, row.second) if effect.standing == "first" else (row.second, row.first)
    return f"; {dearer.name} takes {plainly(size_of(effect))} times the CPU of {cheaper.name}"
