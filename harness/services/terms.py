"""On what terms workers and drivers that wait for runs are leased."""

from collections.abc import Callable

import msgspec


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """On what terms a run leases workers and drivers that wait."""

    run: str
    """Its name, which no other run has."""
    holder: str
    """The run in words, for whoever wants to have the same workers."""
    wait_s: float = 0.0
    """How long it waits for those that another run has."""
    at_most: int | None = None
    """How many workers of a pool it leases; None: all that there are."""
    note: Callable[[str], None] = print
    """Where it says that it waits."""
