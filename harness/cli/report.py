"""`workbench report`: renders the report of a run again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ReportFile, VerboseOption

if TYPE_CHECKING:
    from harness.report.formats.format import Format
    from harness.results.model import Results


def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or its results.json.")],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="Format: terminal, markdown, html, csv (a row a trial), summary-csv (a row a cell), "
            "layers-csv (a row a layer) or json.",
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
    from harness.results import places, store

    results = store.read(run_folder)
    if output is not None:
        places.check_writable(output, "-o")
    if charts is not None:
        _draw(results, charts)
        if output is None and format_ == "terminal":
            return
    text = _format(format_, verbose=verbose).render(results)
    if output is None:
        print(text, end="" if text.endswith("\n") else "\n")
    else:
        places.write_text(output, text)


def _draw(results: "Results", folder: Path) -> None:
    from harness.report.chart_export import export_charts

    for file in export_charts(results, folder):
        print(file, file=sys.stderr)


def _format(name: str, *, verbose: bool) -> "Format":
    """The format of that name; the terminal's with everything in it where that is asked for."""
    from harness import registry
    from harness.report.formats import terminal

    chosen: Format = registry.load("format", name, "--format")
    return terminal.VERBOSE if verbose and chosen is terminal.FORMAT else chosen
