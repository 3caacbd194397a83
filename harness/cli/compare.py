"""What `workbench compare` does: matches two runs, says what changed, judges gates."""

from pathlib import Path

from harness import registry
from harness.errors import UsageError
from harness.report import two_runs
from harness.report.formats.format import ReportFormat
from harness.results import store
from harness.statistics.gates import judge, parse
from harness.statistics.two_runs import changes, unlike


def execute(
    base_path: Path, new_path: Path, gates: list[str], *, force: bool, format_: str, output: Path | None
) -> tuple[str, int]:
    """The report and the exit status: 1 where a gate failed; raises UsageError for runs that are unlike."""
    asked = [parse(text) for text in gates]
    shown = registry.load("format", format_, "--format")
    if not isinstance(shown, ReportFormat):
        raise UsageError(f"--format {format_}: a comparison is shown as terminal, markdown or html.")
    base, new = store.read(base_path), store.read(new_path)
    differing = unlike(base, new)
    if differing and not force:
        raise UsageError(
            f"{base_path} and {new_path} are unlike, so that a change may come from there:\n"
            + "\n".join(f"    {one}" for one in differing)
            + "\nAdd --force to compare them all the same."
        )
    found = list(changes(base, new))
    judged = [one for gate in asked for one in judge(gate, found)]
    text = shown.show(two_runs.build(base, new, judged))
    if output is not None:
        store.write_text(output, text)
        text = "\n".join(one.text for one in judged)
    return text, 0 if all(one.passed for one in judged) else 1
