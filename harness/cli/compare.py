"""`workbench compare`: compares two runs, and judges gates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ReportFile

if TYPE_CHECKING:
    from harness.results.model import Results


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run's folder, or its results.json.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The run to compare with it.")],
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="GATE",
            help="Exit 1 if a metric is worse by more than this, with its whole interval: p99:10%, "
            "http_date/asyncio:throughput:5%; metrics throughput, p50, p99, cpu, memory; can be repeated.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compare the runs even if their environments or plans differ.")
    ] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Format: terminal, markdown or html.")
    ] = "terminal",
    output: ReportFile = None,
) -> None:
    """Compare two runs cell by cell. Exit status: 0; 1 a gate failed; 2 unlike runs, or a gate that matched nothing."""
    from harness import registry
    from harness.errors import UsageError
    from harness.report import two_runs
    from harness.report.formats.format import ReportFormat
    from harness.results import store
    from harness.statistics.gates import judge, parse
    from harness.statistics.two_runs import changes

    gates = [parse(text) for text in fail_on or []]
    shown = registry.load("format", format_, "--format")
    if not isinstance(shown, ReportFormat):
        raise UsageError(f"--format {format_}: a comparison is shown as terminal, markdown or html.")
    documents = store.read(base), store.read(new)
    if not force:
        _check_alike(documents, (base, new))
    every = list(changes(*documents))
    judged = [verdict for gate in gates for verdict in judge(gate, every)]
    text = shown.show(two_runs.build(*documents, judged))
    if output is not None:
        store.write_text(output, text)
        text = "\n".join(verdict.text for verdict in judged)
    typer.echo(text)
    raise typer.Exit(0 if all(verdict.passed for verdict in judged) else 1)


def _check_alike(documents: "tuple[Results, Results]", paths: tuple[Path, Path]) -> None:
    from harness.errors import UsageError
    from harness.statistics.two_runs import unlike

    differences = unlike(*documents)
    if differences:
        raise UsageError(
            f"{paths[0]} and {paths[1]} differ in what may change the figures:\n"
            + "\n".join(f"    {difference}" for difference in differences)
            + "\nAdd --force to compare them all the same."
        )
