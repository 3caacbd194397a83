"""Renders the example runs of the docs from their documents: `make docs`.

The documents lie in `docs/example/`. `python docs/show_examples.py quick=RUN http=RUN …` keeps new ones, given by their
folders (`make example`, `make example-decision`).
"""

import gzip
import re
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

REPOSITORY = Path(__file__).resolve().parents[1]
EXAMPLES = Path(__file__).with_name("example")
sys.path.insert(0, str(REPOSITORY))

from harness import registry  # noqa: E402  # found by the line above
from harness.report.formats.terminal import opening  # noqa: E402  # found by the line above
from harness.report.report import build  # noqa: E402  # found by the line above
from harness.results import store  # noqa: E402  # found by the line above
from harness.results.model import Results  # noqa: E402  # found by the line above

README, REPORT = REPOSITORY / "README.md", EXAMPLES / "report.md"
COLUMNS = 100


class Marks(NamedTuple):
    """The lines between which a page is written."""

    begin: str
    end: str


RESULT = Marks("<!-- example: written by `make example` -->", "<!-- end of the example -->")


def document(name: str) -> Results:
    """The document of an example."""
    file = EXAMPLES / f"{name}.json.gz"
    return store.parse(gzip.decompress(file.read_bytes()), file.name, EXAMPLES)


def keep(name: str, run: Path) -> None:
    """Keep a run's document as that of an example: the same bytes whenever it is done."""
    text = msgspec.json.encode(store.read(run))
    (EXAMPLES / f"{name}.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


def pages() -> dict[Path, str]:
    """The pages that have examples in them, whole; those whose documents are kept."""
    kept = {file.name.partition(".")[0]: document(file.name.partition(".")[0]) for file in EXAMPLES.glob("*.json.gz")}
    made: dict[Path, str] = {}
    if quick := kept.get("quick"):
        made |= {README: _between(README, RESULT, _result(quick))}
        made |= {REPORT: registry.load("format", "markdown").render(quick)}
    return made


def _result(results: Results) -> list[str]:
    """The command, the machine, and the first screen."""
    report = build(results)
    where = report.environment[0].partition(";")[0]
    about = f"`{results.run.command}`, {_day(results)}, {where} ([the whole report](docs/example/report.md)):"
    return [about, "", "```", opening(report, COLUMNS), "```"]


def _day(results: Results) -> str:
    return results.run.started.partition("T")[0]


def _between(page: Path, marks: Marks, lines: list[str]) -> str:
    pattern = re.compile(re.escape(marks.begin) + ".*?" + re.escape(marks.end), re.DOTALL)
    text, found = pattern.subn(lambda _: "\n".join([marks.begin, "", *lines, "", marks.end]), page.read_text("utf-8"))
    if found != 1:
        raise SystemExit(f"{page}: {marks.begin} … {marks.end} stands there {found} times")
    return re.sub(r"\n{3,}(?=" + re.escape(marks.end) + ")", "\n\n", text)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        kept, _, folder = given.partition("=")
        keep(kept, Path(folder))
    for place, text in pages().items():
        place.write_text(text, "utf-8")
