"""What a fault needs of a server that the run has started."""

from typing import Protocol


class OwnServer(Protocol):
    """A server of the run's own, as a fault strikes it."""

    @property
    def pid(self) -> int:
        """Its process."""
        ...

    async def persist(self, *, on: bool) -> None:
        """Have it keep all that it has on disk, from now on, or no more, if it has the choice; raises ServiceError."""
        ...

    async def again(self) -> None:
        """Start it again where it was, after its end: with what is on its disk, or empty; raises ServiceError."""
        ...
