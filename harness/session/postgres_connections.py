"""Whether PostgreSQL has the connections that a run surely uses: with fewer, requests wait, and no figure says so."""

from collections.abc import Iterable, Mapping

from harness.contenders.contender import Contender
from harness.loads.burst import Burst
from harness.loads.drain import Drain
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan
from workloads.promises import POSTGRES_CONNECTIONS


def used_by(cells: Iterable[tuple[CellPlan, Contender]]) -> dict[str, int]:
    """The connections that must be there at once, by who uses them.

    Workers keep theirs from trial to trial; of those that have none, one is measured at a time.
    """
    kept: dict[str, int] = {}
    passing: dict[str, int] = {}
    for plan, contender in cells:
        of = kept if contender.needs_broker else passing
        name = str(plan.spec)
        of[name] = max(of.get(name, 0), _at_once(plan, contender))
    most = max(passing, key=lambda name: passing[name], default=None)
    return kept if most is None else {most: passing[most], **kept}


def _at_once(plan: CellPlan, contender: Contender) -> int:
    """As many as requests are executed at once for certain: of a rate, one.

    Each child of a pool keeps its own from the warm-up on, in which all slots are used.
    """
    if contender.has_children and plan.slots is not None:
        return plan.slots
    load = parse_load(plan.load, plan.id)
    requests = load.requests if isinstance(load, Burst | Drain) else load.population or 1
    slots = plan.slots if plan.slots is not None else requests
    return min(slots, requests, POSTGRES_CONNECTIONS * contender.bodies(plan.drivers, 1))


def lacking(used: Mapping[str, int], left: int | None) -> str | None:
    """Why the run cannot be what it says; None where it can, or where the server does not say what is left."""
    needed = sum(used.values())
    if left is None or needed <= left:
        return None
    who = ", ".join(f"{count} by {name}" for name, count in sorted(used.items(), key=lambda item: -item[1]))
    return (
        f"the run uses {needed} connections to PostgreSQL at once ({who}), and {max(0, left)} are left. "
        "Raise its max_connections, end others that use it, or give fewer slots."
    )
