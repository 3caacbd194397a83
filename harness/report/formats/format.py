"""The contract of a report format: it renders, and decides nothing."""

from abc import ABC, abstractmethod
from typing import ClassVar

from harness.report.report import build
from harness.report.table import Report
from harness.results.model import Results


class Format(ABC):
    """One way to show a results document."""

    summary: ClassVar[str]

    @abstractmethod
    def render(self, results: Results) -> str:
        """The whole report as text."""


class ReportFormat(Format):
    """A format that shows tables: those of a run, or of a comparison of two."""

    def render(self, results: Results) -> str:
        """The tables of a run."""
        return self.show(build(results))

    @abstractmethod
    def show(self, report: Report) -> str:
        """A report as text."""
