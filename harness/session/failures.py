"""Counts the trials that a service has failed in a row: one that goes on failing ends the run."""

from collections import Counter
from collections.abc import Iterable

from harness.errors import ServiceError

MOST_IN_A_ROW = 3


class Failures:
    """Of the services of a run, by name (see `RunServices.serving`)."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}

    def failed(self, service: str, reason: str) -> None:
        """Another trial failed because of that service."""
        self._in_a_row[service] += 1
        self._reasons[service] = reason

    def served(self, services: Iterable[str]) -> None:
        """A trial that depends on these was measured."""
        for service in services:
            self._in_a_row.pop(service, None)

    def lost(self, service: str, reason: str) -> None:
        """The service cannot be started again."""
        self._in_a_row[service] = MOST_IN_A_ROW
        self._reasons[service] = reason

    def check(self, services: Iterable[str]) -> None:
        """Raise ServiceError if a trial that depends on these can no longer succeed."""
        for service in services:
            if self._in_a_row[service] >= MOST_IN_A_ROW:
                raise ServiceError(f"{self._reasons[service]} No more trials are run.")
