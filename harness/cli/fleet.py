"""`workbench fleet`: shows the workers and drivers that wait for runs, and which run has leased them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from harness.cli.options import WAITING_BROKERS, WaitingBrokers
from harness.errors import ServiceError

if TYPE_CHECKING:
    from harness.contenders.celery.fleet.members import Member

HEADINGS = ("name", "host", "pool", "slots", "cores", "python", "celery", "sources", "tasks", "leased by")


def fleet(broker: WaitingBrokers = WAITING_BROKERS) -> None:
    """Show who waits for runs on a broker: host, pool, slots, versions, and which run has leased it.

    Ends with status 3 where nobody waits on one of the brokers.
    """
    import asyncio

    from harness.contenders.celery.config import runs
    from harness.results.text import printable
    from harness.services.brokers.broker import check_broker
    from harness.services.waiting_places import waiting_place

    deserted = False
    for url in broker:
        check_broker(url)
        there = asyncio.run(_there(waiting_place(url, None)))
        print(f"{url}: {len(there)} answered within a second")
        for line in table([HEADINGS, *(row(member) for member in there)] if there else []):
            print(f"  {printable(line)}")
        for note in [note for member in there for note in notes(member, runs())]:
            print(f"  {printable(note)}")
        deserted = deserted or not there
    raise typer.Exit(ServiceError.exit_code if deserted else 0)


async def _there(place: object) -> "list[Member]":
    """Workers first, then drivers."""
    from pathlib import Path

    from harness.contenders.celery.fleet.members import DRIVER, members
    from harness.contenders.contender import WorkersPlace

    asked = WorkersPlace(broker=place, queue="", log=Path())  # type: ignore[arg-type]
    return sorted((await members(asked)).values(), key=lambda member: (member.pool == DRIVER, member.name))


def row(member: "Member") -> tuple[str, ...]:
    """One line of the table, in the order of `HEADINGS`."""
    held = member.held
    leased = "" if held is None or not held.run else f"{held.holder}, last heard {held.silent_s:.0f} s ago"
    return (
        member.name,
        member.host,
        member.pool,
        str(member.slots or ""),
        f"{member.cpus:g}",
        *(str(member.runs.get(key, "?")) for key in ("python", "celery", "sources")),
        str(held.busy if held is not None else "?"),
        leased or "free",
    )


def notes(member: "Member", ours: dict[str, object]) -> list[str]:
    """Why a run from this installation would refuse it."""
    from harness.contenders.celery.fleet.members import differences

    differing = differences(member.runs, ours)
    return [f"{member.name} differs from this installation: {'; '.join(differing)}"] if differing else []


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns side by side, with two spaces between."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
