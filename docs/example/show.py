"""Puts a run's answer, a chart and a table into the README: `python docs/example/show.py RUN` (see `make example`)."""

import re
import shutil
import sys
from pathlib import Path

from harness.report.formats.markdown import escaped, table_of
from harness.report.report import build
from harness.results import store

HERE = Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"
BEGIN, END = "<!-- example: written by `make example` -->", "<!-- end of the example -->"
SHOWN = ("http_date", "matched slots")
CHARTS = {"ranked-throughput_per_s": "Throughput with 95 % intervals", "cpu": "CPU per 1,000 requests"}


def main(run: Path) -> None:
    """Write the section; copy its charts."""
    results = store.read(run)
    report = build(results)
    section = next(one for one in report.sections if one.title.startswith(SHOWN[0]) and one.title.endswith(SHOWN[1]))
    number = report.sections.index(section) + 1
    day = results.run.started.partition("T")[0]
    lines = [BEGIN, "", f"`{results.run.command}`, {day}. {report.environment[0]}; {report.environment[1]}.", ""]
    lines += [*(f"- {escaped(line)}" for line in report.answer), "", f"**{escaped(section.title)}**", ""]
    for key, title in CHARTS.items():
        (file,) = (run / "charts").glob(f"{number}-*-{key}.svg")
        shutil.copy(file, HERE / f"{key}.svg")
        lines += [f"![{title}](docs/example/{key}.svg)", ""]
    lines += [
        table_of(section.tables[0]),
        "",
        "The whole report: [docs/example/report.md](docs/example/report.md).",
        "",
        END,
    ]
    text = README.read_text("utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    README.write_text(pattern.sub(lambda _: "\n".join(lines), text), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
