"""What limited a row, in words: short in its table, and who used the machine in a line below."""

from collections.abc import Iterator

from harness.report.table import Note
from harness.results.model import Cell, Summary
from harness.statistics.units import percent

LEAST = 0.005
"""A smaller share of the machine is not listed."""
IN_TABLE = {"worker main process": "worker main"}
OF_WHOLE = ("machine", "others", "CPU quota")
"""Limits that several roles use up together."""
BROKERS = {"redis": "Redis", "rabbitmq": "RabbitMQ"}
UNCLEAR = "nothing was busy to 80 %"
WORK = "executions take much longer than the work alone, so that requests wait within it"


def limited_by(summary: Summary) -> str | None:
    """Its name, and how busy that was; None in a document that does not know it."""
    name = summary.bottleneck
    if name is None:
        return None
    share = summary.busy.get(name)
    if name == "others":
        share = summary.shares.get("others", 0.0) + summary.shares.get("steal", 0.0)
    short = IN_TABLE.get(name, name)
    return short if share is None else f"{short} {percent(share)}"


def notes(cells: list[Cell]) -> Iterator[Note]:
    """For each row whose limit is shared by several roles, or is none of them."""
    for cell in cells:
        if cell.summary is not None and (text := explained(cell, cell.summary)) is not None:
            yield Note(f"{cell.label} ({cell.load.text}) is limited by {text}.", detail=True)


def explained(cell: Cell, summary: Summary) -> str | None:
    """`machine 91 %: driver 34, workers 41, Redis 10, others 6`; None where the name says all."""
    name = summary.bottleneck
    if name == "unclear":
        busiest = max(summary.busy, key=lambda limit: summary.busy[limit], default=None)
        busy = f"; the busiest: {busiest} {percent(summary.busy[busiest])}" if busiest else ""
        return f"something unclear: {UNCLEAR}{busy}"
    if name == "the work":
        return f"the work: {WORK}"
    if name not in OF_WHOLE or not summary.shares:
        return None
    broker = BROKERS.get(cell.broker or "redis", "broker")
    shares = {broker if who == "broker" else who: share for who, share in summary.shares.items() if share >= LEAST}
    listed = ", ".join(f"{who} {100 * share:.0f}" for who, share in shares.items())
    machine = f" (machine {percent(summary.busy['machine'])})" if name == "others" and "machine" in summary.busy else ""
    return f"{limited_by(summary)}{machine}: {listed}"
