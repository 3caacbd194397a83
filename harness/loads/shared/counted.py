"""A fixed number of requests that are there at once: what loads have in common that end by themselves."""

from typing import Any, ClassVar, Self

from harness.loads.load import Load, amount
from harness.results.base import MetricKey
from harness.statistics.metrics import THROUGHPUT

LEAST_SERVICE_S = 0.002
"""For deadlines alone: what a request costs at the least where many wait, publishing and storing included."""


class CountedLoad(Load):
    """`requests` of them: all are due in the measured window, however long they take."""

    whole = True
    ranked: ClassVar[tuple[MetricKey, ...]] = (THROUGHPUT.key,)

    def __init__(self, requests: int) -> None:
        self.requests = requests

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """`N`."""
        return cls(amount(text, f"{cls.syntax} with the number of requests", where))

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.kind}:{self.requests}"

    def settings(self) -> dict[str, Any]:
        """Its requests."""
        return {"requests": self.requests}

    def at_most(self, requests: int | None) -> int:
        """All of its own, whatever the run asks for."""
        return self.requests

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """Published one after the other, then served `slots` at a time."""
        return self.requests * (LEAST_SERVICE_S + max(LEAST_SERVICE_S, service_s / (slots or self.requests)))
