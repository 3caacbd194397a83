"""noop: no work at all, so that what is left is the contender's own cost."""

from typing import Any

from workloads.workload import Params, Payload, Workload


class Noop(Workload[Params]):
    """Replies None at once: the floor of each contender."""

    summary = "does nothing: the floor of each contender"

    def payload(self, number: int) -> Payload:
        """No arguments."""
        return {}

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is None."""
        return None if reply is None else f"expected null, got {reply!r}"

    @property
    def ideal_s(self) -> float:
        """No time."""
        return 0.0


WORKLOAD = Noop
