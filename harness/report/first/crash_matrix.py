"""Contenders against kinds of crash: what became of what each had accepted. The first screen of a run with crashes."""

from collections.abc import Sequence
from typing import NamedTuple

from harness.report.wording import counted, listed
from harness.results.model import Results
from harness.statistics.crash_totals import CrashTotals, crash_totals

DEFINED = (
    "Lost: nothing is left of it. Failed: its caller was told. Waiting: until the visibility timeout is over. "
    "Repeated: begun more than once. –: not tried."
)
NAMES = {"asyncio": "asyncio", "celery": "Celery"}
ALL_DONE, UNTRIED = "all done", "–"
Struck = tuple[str, str, str, str]


class MatrixCell(NamedTuple):
    """What one kind of crash did to one contender."""

    counts: Sequence[tuple[int, str]] = ()
    """`(50, "lost")`, …; empty where all was done, once."""
    of: int = 0
    """What was accepted; 0 if it was not tried."""
    kind: str = ""
    """`broken` where a promise was, else `lost` where anything was; `untried`."""

    @property
    def parts(self) -> list[str]:
        """`50 lost`, `80 waiting`; `all done`."""
        return [f"{count:,} {what}" for count, what in self.counts] or [UNTRIED if self.kind == "untried" else ALL_DONE]

    @property
    def text(self) -> str:
        """`20 lost, 80 waiting of 120`."""
        return f"{', '.join(self.parts)} of {self.of:,}" if self.counts else self.parts[0]


class MatrixRow(NamedTuple):
    """A contender with its promise."""

    contender: str
    side: str
    promise: str
    """And whether it was kept."""
    broken: bool
    cells: list[MatrixCell]


class CrashMatrix(NamedTuple):
    """All of one side, on one kind of broker."""

    name: str
    """`asyncio`, `Celery`, `Celery on rabbitmq`."""
    faults: list[str]
    """Kinds of crash at which something was not done, or was begun twice."""
    rows: list[MatrixRow]
    harmless: list[str]
    """Kinds of crash at which each contender that met them did all, once."""

    @property
    def defined(self) -> str:
        """What its words mean."""
        return DEFINED

    @property
    def about(self) -> str:
        """What is in no column; empty where all are."""
        return f"{self.name}, where tried: all done at {listed(self.harmless)}." if self.harmless else ""

    def sentence(self, row: MatrixRow) -> str:
        """The row as text: `celery-prefork (at most once: kept): kill-child: 10 failed of 120; …`."""
        harmed = [f"{fault}: {cell.text}" for fault, cell in zip(self.faults, row.cells, strict=True) if cell.counts]
        done = [fault for fault, cell in zip(self.faults, row.cells, strict=True) if cell.of and not cell.counts]
        said = [*harmed, *([f"all done at {listed(done)}"] if done else [])]
        return f"{row.contender} ({row.promise}): {'; '.join(said) or 'nothing lost or repeated'}."


def crash_matrices(results: Results) -> list[CrashMatrix]:
    """One for each side and broker; none where no fault struck."""
    shown = {view.name for view in results.run.views}
    totals = crash_totals(cell for cell in results.cells if shown & set(cell.views))
    groups: dict[str, list[CrashTotals]] = {}
    for each in totals:
        _, _, broker = each.cell.name.partition("@")
        name = NAMES.get(each.cell.side, each.cell.side)
        groups.setdefault(f"{name} on {broker}" if broker else name, []).append(each)
    return [_of_group(name, of_group) for name, of_group in groups.items()]


def _of_group(group: str, totals: Sequence[CrashTotals]) -> CrashMatrix:
    found = _by_column(totals)
    columns = {fault: None for of_contender in found.values() for fault in of_contender}
    harmed = [fault for fault in columns if any(_cell(each.get(fault)).counts for each in found.values())]
    rows = []
    for name, of_contender in found.items():
        all_of = list(of_contender.values())
        broken = any(totals.broken for totals in all_of)
        cells = [_cell(of_contender.get(fault)) for fault in harmed]
        rows.append(MatrixRow(name, all_of[0].cell.side, _promise(all_of), broken, cells))
    return CrashMatrix(group, harmed, rows, [fault for fault in columns if fault not in harmed])


def _by_column(totals: Sequence[CrashTotals]) -> dict[str, dict[str, CrashTotals]]:
    """Contender → kind of crash → what it did; a fault under several works or loads is a kind for each."""
    found: dict[str, dict[str, CrashTotals]] = {}
    columns: dict[str, dict[Struck, str]] = {}
    for each in totals:
        column = _column(each.fault, _struck(each), columns.setdefault(each.fault, {}))
        same = column in found.get(each.cell.name, {})  # on other slots
        found.setdefault(each.cell.label if same else each.cell.name, {})[column] = each
    return found


def _struck(totals: CrashTotals) -> Struck:
    """Work, load, settings of the work, and the request at which it strikes: what a column may be named after."""
    cell = totals.cell
    at, _, load = cell.load.text.rpartition("@")[2].partition(":")
    return cell.workload, load, ", ".join(f"{name}={value}" for name, value in sorted(cell.params.items())), f"@{at}"


def _column(fault: str, struck: Struck, known: dict[Struck, str]) -> str:
    """The fault, and so much of what sets it apart from its first column that no other has the name."""
    if struck not in known:
        first, name, apart = next(iter(known), struck), fault, list[str]()
        for of_first, own in zip(first, struck, strict=True):
            if name in known.values() and own != of_first:
                apart.append(own)
                name = f"{fault} ({', '.join(apart)})"
        known[struck] = name
    return known[struck]


def _promise(all_of: Sequence[CrashTotals]) -> str:
    promise, broken = all_of[0].promise, sum(bool(each.broken) for each in all_of)
    if promise == "none":
        return "no promise"
    seen = f"BROKEN at {counted(broken, 'kind')}" if broken else "kept"
    return f"{promise}: {seen}"


def _cell(totals: CrashTotals | None) -> MatrixCell:
    if totals is None:
        return MatrixCell(kind="untried")
    counts = {name: totals.total(name) for name in ("lost", "failed")}
    counts |= {"waiting": totals.total("held"), "repeated": totals.repeated}
    kind = "broken" if totals.broken else "lost" if counts["lost"] else ""
    return MatrixCell([(count, what) for what, count in counts.items() if count], totals.total("accepted"), kind)
