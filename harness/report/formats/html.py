"""html: one page that works offline, with the answer, tables to sort and filter, charts and downloads."""

from harness import registry
from harness.report.formats.format import ReportFormat
from harness.report.page.rendering import Links, embedded, report_page
from harness.report.report import build
from harness.report.table import Report
from harness.results.model import Results


class Html(ReportFormat):
    """A page that carries all it needs."""

    summary = "one page with charts, in a single file"

    def render(self, results: Results) -> str:
        """With the document and its trials as files to download."""
        return self.served(results, ())

    def served(self, results: Results, links: Links) -> str:
        """The same, with links to other pages."""
        files = {"results.json": "json", "trials.csv": "csv"}
        embedded_files = [
            embedded(name, registry.load("format", kind).render(results).encode("utf-8", "replace"))
            for name, kind in files.items()
        ]
        when = f"{results.run.started[:16].replace('T', ' ')} UTC"
        return report_page(build(results), embedded_files, results.run.command, when=when, links=links)

    def show(self, report: Report) -> str:
        """Without downloads."""
        return report_page(report, [], None)


FORMAT = Html()
