"""The requests that a process of the origin is answering, and how far it has come with each."""


class UnderWay:
    """Since when each waits, and for how long."""

    def __init__(self) -> None:
        self._waits: dict[int, tuple[int, int]] = {}
        self._next = 0

    def begin(self, arrived_ns: int, wait_s: float) -> int:
        """Note one; returns the key with which it ends."""
        self._next += 1
        self._waits[self._next] = arrived_ns, max(1, int(wait_s * 1e9))
        return self._next

    def end(self, key: int) -> None:
        """It was answered, or its client has gone."""
        del self._waits[key]

    def parts(self, now_ns: int) -> float:
        """How many requests those under way amount to, each by the part of its wait that has passed."""
        return sum(min(1.0, (now_ns - arrived_ns) / wait_ns) for arrived_ns, wait_ns in self._waits.values())
