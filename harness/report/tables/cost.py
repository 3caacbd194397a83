"""The whole cost: CPU and memory of each role."""

from collections.abc import Iterable

from harness.accounting.bottleneck import cores
from harness.report.table import Column, Row, Table, filled, mean
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, Trial, View
from harness.statistics.metrics import CPU, MEMORY, Metric

COUNTED = ("driver", "workers", "broker")
"""What a contender costs; the origin is what both sides wait for."""
ROLES = (*COUNTED, "origin")


def _by_role(metric: Metric, role: str, title: str) -> Column:
    column = Column.of(metric, key=f"{role}_{metric.short}", title=title, optional=True)
    return column._replace(better=metric.better)


COLUMNS = (
    *IDENTITY_COLUMNS,
    *(_by_role(CPU, role, f"{role} {CPU.heading}") for role in ROLES),
    *(Column(f"{role}_cores", role, "cores", 3, optional=True) for role in ROLES),
    *(_by_role(MEMORY, role, role) for role in ROLES),
    Column("broker_bytes", "broker", "bytes", 4, optional=True),
    Column("broker_connections", "broker connections opened", "", 3, optional=True),
    *(Column(f"{role}_switches", f"{role} switches", "/request", 3, decimals=2, optional=True) for role in COUNTED),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row per cell that was measured."""
    rows = [_row(cell) for group in gathered for cell in group if cell.summary]
    if rows:
        yield Table(
            key="cost",
            title="What it costs",
            about="CPU-seconds for 1,000 good replies, cores kept busy, and memory, by role; bytes, and how often "
            "threads waited (context switches)",
            columns=filled(COLUMNS, rows),
            rows=rows,
            notes=[],
            detail=True,
        )


def _row(cell: Cell) -> Row:
    values = identity(cell)
    for role in ROLES:
        values[f"{role}_{CPU.short}"] = cpu_s_per_1000(cell, role)
        values[f"{role}_cores"] = mean(cores(getattr(trial.usage, role)) or None for trial in _measured(cell))
        values[f"{role}_{MEMORY.short}"] = memory_mb(cell, role)
    for role in COUNTED:
        values[f"{role}_switches"] = switches_a_request(cell, role)
    opened = [trial.usage.broker.accepted for trial in _measured(cell) if trial.usage.broker is not None]
    values["broker_connections"] = mean(opened)
    if cell.summary is not None:
        values["broker_bytes"] = cell.summary.broker_bytes
    return Row(values, cell.side)


def _measured(cell: Cell) -> list[Trial]:
    return [trial for trial in cell.trials if trial.status == "measured"]


def cpu_s_per_1000(cell: Cell, role: str) -> float | None:
    """CPU-seconds of a role for 1,000 good replies, the mean over trials; None if a trial lacks it.

    Driver, workers and broker share the trial's figure by how busy each was, so that they add up to it.
    """
    shares = []
    for trial in _measured(cell):
        busy = sum(cores(getattr(trial.usage, counted_role)) for counted_role in COUNTED)
        if not busy or trial.cpu_s_per_1000 is None or getattr(trial.usage, role) is None:
            return None
        shares.append(trial.cpu_s_per_1000 * cores(getattr(trial.usage, role)) / busy)
    return mean(shares)


def switches_a_request(cell: Cell, role: str) -> float | None:
    """How often threads of a role had to wait for a good reply, the mean over trials; None if a trial lacks it."""
    each = []
    for trial in _measured(cell):
        usage, busy = getattr(trial.usage, role), sum(cores(getattr(trial.usage, counted)) for counted in COUNTED)
        if usage is None or usage.voluntary_switches is None or not busy or trial.cpu_s_per_1000 is None:
            return None
        per_s = 1000 * busy / trial.cpu_s_per_1000  # replies: those that share the CPU time
        each.append(usage.voluntary_switches / usage.seconds / per_s)
    return mean(each)


def memory_mb(cell: Cell, role: str) -> float | None:
    """Memory of a role, the most over the trials; None if a trial lacks it."""
    known = [usage.memory_mb for trial in _measured(cell) if (usage := getattr(trial.usage, role)) is not None]
    return max(known) if known and None not in known else None
