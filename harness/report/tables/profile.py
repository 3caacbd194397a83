"""Where the CPU of a request goes, by package: of rows whose stacks were sampled."""

from collections.abc import Iterable
from typing import NamedTuple

from harness.report.doubted import in_a_sentence
from harness.report.table import Column, Note, Row, Section, Table, mean
from harness.report.tables.cost import cpu_s_per_1000
from harness.report.wording import counted
from harness.results.model import Cell, Profile, Results
from harness.statistics.metrics import CPU

BROKER = "the broker"
"""It is no Python: its CPU is known, and its stacks are not."""
ROLES = ("driver", "workers")
LEAST_PERCENT = 0.5
"""Packages with less are put together."""
OTHERS = "others"
COLUMNS = (
    Column("package", "package", rank=1),
    *(Column(role, role, "ms", 3, decimals=3, rank=3) for role in ROLES),
    Column("cpu", "together", "ms", 3, decimals=3, rank=2),
    Column("percent", "of the whole", "%", 3, decimals=1, rank=2),
)
ABOUT = "CPU a request by the package of the innermost Python function; what C code takes is its caller's"


class Part(NamedTuple):
    """What a package takes."""

    package: str
    by_role: dict[str, float]
    """Role → ms a request; empty of the broker."""
    ms: float
    percent: float

    @property
    def role(self) -> bool:
        """Whether it was sampled."""
        return bool(self.by_role)


def profiles_of(cell: Cell) -> list[Profile]:
    """Those of its trials that have one."""
    return [trial.profile for trial in cell.counted if trial.profile is not None]


def parts_of(cell: Cell) -> list[Part]:
    """The largest first, rare ones together at the end; they add up to the CPU of a request. None without samples."""
    profiles = profiles_of(cell)
    by_package: dict[str, dict[str, float]] = {}
    for role in ROLES:
        role_ms = cpu_s_per_1000(cell, role)
        seen = [profile.roles[role].packages for profile in profiles if role in profile.roles]
        for package in dict.fromkeys(name for packages in seen for name in packages) if role_ms else ():
            share = mean(packages.get(package, 0.0) for packages in seen) or 0.0
            by_package.setdefault(package, {})[role] = share * (role_ms or 0.0)
    if not by_package:
        return []
    whole_ms = (CPU.in_summary(cell.summary) if cell.summary else None) or 0.0
    parts = [_part(package, by_role, whole_ms) for package, by_role in by_package.items()]
    broker_ms = cpu_s_per_1000(cell, "broker")
    if broker_ms:
        parts.append(Part(BROKER, {}, broker_ms, 100 * broker_ms / whole_ms))
    kept = sorted((part for part in parts if part.percent >= LEAST_PERCENT), key=lambda part: -part.ms)
    rare = [part for part in parts if part.percent < LEAST_PERCENT]
    return [*kept, *([_together(rare, whole_ms)] if rare else [])]


def _part(package: str, by_role: dict[str, float], whole_ms: float) -> Part:
    ms = sum(by_role.values())
    return Part(package, by_role, ms, 100 * ms / whole_ms if whole_ms else 0.0)


def _together(parts: list[Part], whole_ms: float) -> Part:
    by_role = {role: sum(part.by_role.get(role, 0.0) for part in parts) for role in ROLES}
    return _part(OTHERS, by_role, whole_ms)


def sections(document: Results) -> Iterable[Section]:
    """One for each row that was sampled."""
    for cell in document.cells:
        profiles = profiles_of(cell)
        if cell.profiled and profiles:
            yield Section(
                title=f"{cell.workload}, {cell.label}, {cell.load.text}: where the CPU goes",
                about=ABOUT,
                tables=[_table(cell, profiles)],
                profile=profiles[-1],
                profiled=cell,
                doubts=in_a_sentence([cell]),
            )


def _table(cell: Cell, profiles: list[Profile]) -> Table:
    parts = parts_of(cell)
    rows = [Row({"package": part.package, **part.by_role, "cpu": part.ms, "percent": part.percent}) for part in parts]
    if cell.summary is not None:
        whole = {role: cpu_s_per_1000(cell, role) for role in ROLES}
        rows.append(Row({"package": "the whole", **whole, "cpu": CPU.in_summary(cell.summary), "percent": 100.0}))
    return Table(
        key="profile", title="Where the CPU goes", about=ABOUT, columns=COLUMNS, rows=rows, notes=list(_notes(profiles))
    )


def _notes(profiles: list[Profile]) -> Iterable[Note]:
    for profile in profiles:
        seen = [
            f"{role} {part.samples:,} samples of {counted(part.processes, 'process')}, {part.cpu_s:.3g} s of CPU"
            + ("" if part.waiting_s is None else f" and {part.waiting_s:.3g} s of waiting for a core")
            for role, part in profile.roles.items()
        ]
        yield Note(
            f"{profile.sampler}, every {profile.period_ms:g} ms for {profile.seconds:.3g} s: {'; '.join(seen)}. "
            f"Stacks: {profile.file} in the run's folder."
        )
        for role, why in profile.missing.items():
            yield Note(f"No samples of the {role}: {why}.", "error")
