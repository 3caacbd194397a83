"""Queues whose workers cannot be told from outside to take nothing for a while."""

from harness.errors import UsageError

REASON = "its worker cannot be paused from outside"


class Unpausable:
    """Part of a client; a contender says so with `not_paused`, so that nobody asks."""

    async def pause(self) -> None:
        """Raise UsageError."""
        raise UsageError(REASON)

    async def resume(self) -> None:
        """Nothing is held back."""
