"""The Load contract: when each request is due."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

from harness.errors import UsageError
from harness.issuer import Issuer


class Measuring(Protocol):
    """The driver's side of a trial, as a load sees it."""

    seed: int
    service_s: float
    """About how long one request takes to serve: the workload's ideal, else what the first reply took."""
    closed_ns: int
    """When the measured window closed; 0 before that."""

    @property
    def issuer(self) -> Issuer:
        """Issues the requests."""
        ...

    async def steady_window(self) -> None:
        """Warm up, open the measured window, keep it open for its time or number of requests, close it."""
        ...


class Load(ABC):
    """One load with its settings; `text` is how it is written, such as `closed:64`."""

    summary: ClassVar[str]
    syntax: ClassVar[str]
    kind: ClassVar[str]
    ranked: ClassVar[tuple[str, ...]] = ()
    """The metrics by which cells of this load may be compared and ranked (rule 7)."""

    @classmethod
    @abstractmethod
    def parse(cls, text: str, where: str) -> "Load":
        """Read what stands behind the colon; raises UsageError."""

    @property
    @abstractmethod
    def text(self) -> str:
        """As it is written."""

    def describe(self) -> dict[str, Any]:
        """For the results document: what every load has, and its settings."""
        return {"kind": self.kind, "text": self.text, "ranked": list(self.ranked)} | self.settings()

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Its own settings, for the results document."""

    @abstractmethod
    def expected_s(self, ideal_s: float, slots: int | None) -> float:
        """How long a request takes at the most when all goes well; its deadline counts from there."""

    @abstractmethod
    async def run(self, trial: Measuring) -> None:
        """Issue requests through `trial.issuer`; return when all have ended."""


def whole_number(text: str, what: str, where: str, most: int = 1_000_000) -> int:
    """A whole number from 1 to `most`; raises UsageError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise UsageError(f"{where}: expected {what} as a whole number from 1 to {most}; got {text!r}.")
    return int(text)


def parse_load(text: str, where: str) -> Load:
    """Read a load as it is written, such as `closed:64`; raises UsageError for an unknown kind or bad settings."""
    from harness import registry

    kind, colon, rest = text.partition(":")
    found: type[Load] = registry.load("load", kind, where)
    if not colon:
        raise UsageError(f"{where}: expected {found.syntax}; got {text!r}.")
    return found.parse(rest, where)
