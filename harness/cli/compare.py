"""`workbench compare`: compares two runs, and judges gates."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ReportFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.results.model import Results
    from harness.statistics.gates import GateResult


@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """All options of a comparison."""

    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run's folder, or its results.json.")]
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The run to compare with it.")]
    fail_on: Annotated[
        list[str],
        typer.Option(
            "--fail-on",
            metavar="GATE",
            help="Exit with 1 if the whole interval of a metric is worse by more than this, boots included: p99:10%, "
            "http_date/asyncio:throughput:5%; metrics throughput, p50, p99, cpu, memory, redis_commands, messages; "
            "can be repeated.",
        ),
    ] = field(default_factory=list)
    force: Annotated[
        bool, typer.Option("--force", help="Compare the runs even if their environments or plans differ.")
    ] = False
    format_: Annotated[str, typer.Option("--format", metavar="NAME", help="Format: terminal, markdown or html.")] = (
        "terminal"
    )
    output: ReportFile = None


def compare(options: CompareOptions) -> int:
    """Compare two runs cell by cell. Exit status: 0; 1 a gate failed; 2 runs that differ, or a gate without a match."""
    from harness.results import places, store
    from harness.statistics.gates import judge, parse
    from harness.statistics.two_runs import changes

    gates = [parse(text) for text in options.fail_on]
    show = _format(options.format_)
    if options.output is not None:
        places.check_writable(options.output, "-o")
    base, new = store.read(options.base), store.read(options.new)
    if not options.force:
        _check_alike(options, base, new)
    every = list(changes(base, new))
    results = [result for gate in gates for result in judge(gate, every)]
    text = show(base, new, results)
    if options.output is not None:
        places.write_text(options.output, text)
        text = "\n".join(result.text for result in results)
    print(text)
    return 0 if all(result.outcome != "failed" for result in results) else 1


def _format(name: str) -> "Callable[[Results, Results, list[GateResult]], str]":
    """The function that renders a comparison in that format; raises UsageError if the format has none."""
    from harness import registry
    from harness.errors import UsageError
    from harness.report import two_runs
    from harness.report.formats.format import ReportFormat

    format_ = registry.load("format", name, "--format")
    if not isinstance(format_, ReportFormat):
        raise UsageError(f"--format {name}: a comparison can be shown as terminal, markdown or html.")
    return lambda base, new, results: format_.show(two_runs.build(base, new, results))


def _check_alike(options: CompareOptions, base: "Results", new: "Results") -> None:
    """Raise UsageError if something other than what is compared may have changed the figures."""
    from harness.errors import UsageError
    from harness.statistics.two_runs import unlike

    differences = unlike(base, new)
    if differences:
        raise UsageError(
            f"{options.base} and {options.new} differ in ways that may change the figures:\n"
            + "\n".join(f"    {difference}" for difference in differences)
            + "\nAdd --force to compare them anyway."
        )
