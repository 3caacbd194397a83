"""`workbench report`: renders the report of a run again."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import ReportFile, VerboseOption


def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or its results.json.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Format: terminal, markdown, html, csv (a row a trial), summary-csv (a row a cell) or json.",
        ),
    ] = "terminal",
    verbose: VerboseOption = False,
    output: ReportFile = None,
    charts: Annotated[
        Path | None,
        typer.Option(
            "--charts",
            metavar="DIR",
            help="Also draw every chart into this folder, as SVG and PNG.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show the report of a run again, in any format, and draw its charts."""
    from harness import registry
    from harness.results import store

    results = store.read(run_folder)
    if output is not None:
        store.check_writable(output, "-o")
    if charts is not None:
        from harness.report.chart_export import export_charts

        for file in export_charts(results, charts):
            print(file, file=sys.stderr)
        if output is None and format_ == "terminal":
            return
    chosen = registry.load("format", format_, "--format")
    if verbose and format_ == "terminal":
        from harness.report.formats.terminal import VERBOSE as chosen
    text = chosen.render(results)
    if output is None:
        print(text, end="" if text.endswith("\n") else "\n")
    else:
        store.write_text(output, text)
