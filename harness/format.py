"""The contract of a report format: it renders, and decides nothing."""

from abc import ABC, abstractmethod
from typing import ClassVar

from harness.model import Results


class Format(ABC):
    """One way to show a results document."""

    summary: ClassVar[str]

    @abstractmethod
    def render(self, results: Results) -> str:
        """The whole report as text."""
