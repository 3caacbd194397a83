"""All formats, of documents as shipped plans make them: the same number reads the same in each."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from harness import registry
from harness.plan.reading import shipped
from harness.report.formats import terminal
from harness.report.report import build
from harness.report.table import Report, Table
from harness.results.model import Results
from tests.builders import document_of

FORMATS = ("csv", "html", "json", "layers-csv", "markdown", "summary-csv", "terminal")


class Tables(HTMLParser):
    """The texts of a page's tables: title → rows of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[list[str]]] = []
        self._text: list[str] | None = None
        self._ours = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Tables, rows, cells."""
        if tag == "table":
            self._ours = "data-table" in dict(attrs)
        if not self._ours:
            return
        if tag == "tbody":
            self.found.append([])
        elif tag == "tr" and self.found:
            self.found[-1].append([])
        elif tag in ("td", "th"):
            self._text = []

    def handle_data(self, data: str) -> None:
        """What a cell says."""
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """A cell is complete."""
        if tag in ("td", "th") and self._text is not None:
            if self.found and self.found[-1]:
                self.found[-1][-1].append("".join(self._text).strip())
            self._text = None


def in_html(text: str) -> list[list[list[str]]]:
    """Rows of cells of each table, without the headings, which follow a table as the next one's."""
    tables = Tables()
    tables.feed(text)
    return [[row for row in rows if row] for rows in tables.found]


def in_markdown(text: str) -> list[list[list[str]]]:
    """The same of a Markdown document."""
    blocks = re.findall(r"^\| [-:| ]+ \|\n((?:\|.*\n?)*)", text, re.MULTILINE)
    plain = re.sub(r"\\(.)", r"\1", "\0".join(blocks)).split("\0")
    return [[[cell.strip() for cell in row.strip("|").split(" | ")] for row in block.splitlines()] for block in plain]


def rows_of(table: Table) -> list[list[str]]:
    """As the table's definition writes them."""
    return [[text.strip() for text in table.cells(row)] for row in table.rows]


@pytest.fixture(params=sorted({*shipped()} - {"full"}), scope="module")
def document(request: pytest.FixtureRequest) -> Results:
    """Of each plan but the largest, which has no table or column that the others do not."""
    return document_of(request.param)


@pytest.fixture(scope="module")
def report(document: Results) -> Report:
    """What all formats show of it."""
    return build(document)


def test_every_format_is_there() -> None:
    """A new one is held to the same."""
    assert tuple(registry.names("format")) == FORMATS


def test_the_page_and_the_markdown_say_what_the_tables_say(document: Results, report: Report) -> None:
    """Every cell of every table, in the same order."""
    wanted = []
    for table in report.tables:
        brief = table._replace(columns=tuple(table.brief))
        wanted += [rows_of(brief)] if len(brief.columns) == len(table.columns) else [rows_of(brief), rows_of(table)]
    first = bool(report.first.overview) + bool(report.first.tiles)
    assert in_markdown(registry.load("format", "markdown").render(document))[first:] == wanted
    shown = in_html(registry.load("format", "html").render(document))
    ordered = [
        rows_of(table)
        for section in report.sections
        for detail in (False, True)
        for table in section.tables
        if (table.detail and not section.scalings) is detail
    ]
    assert [
        [row[: len(want[0])] for row in rows[: len(want)]] for rows, want in zip(shown, ordered, strict=True)
    ] == ordered


def shown_at_first(report: Report) -> list[Table]:
    """The tables that are printed after a run."""
    sections = [section for section in report.sections if not section.detail]
    return [table for section in sections for table in section.tables if not table.detail]


def test_the_terminal_says_what_the_tables_say(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row of every table that is shown there, cell by cell, where it is wide enough; with --verbose, of all."""
    monkeypatch.setenv("COLUMNS", "500")
    brief = [table._replace(columns=tuple(table.brief)) for table in shown_at_first(report)]
    for show, wanted in ((terminal.FORMAT, brief), (terminal.VERBOSE, report.tables)):
        shown = {tuple(re.split(r"\s{2,}", line.strip())) for line in show.show(report).splitlines()}
        for table in wanted:
            assert {tuple(filter(None, row)) for row in rows_of(table)} <= shown


@pytest.mark.parametrize("columns", [60, 80])
def test_no_table_of_the_terminal_is_wider_than_it_or_split(
    report: Report, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COLUMNS counts in a pipe; columns are left out instead, those that name a row never."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = terminal.FORMAT.show(report).splitlines()
    assert max(map(len, lines)) <= columns
    rules = [line for line in lines if set(line) == {"─"}]
    assert len(rules) == len(shown_at_first(report)) + bool(report.first.overview)


def test_quick_fits_a_screen_and_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 60 lines at 100 columns; the answer is the first line after the run's name, and the last."""
    monkeypatch.setenv("COLUMNS", "100")
    report = build(document_of("quick", rounds=2))
    lines = terminal.FORMAT.show(report).strip().splitlines()
    assert len(lines) <= 58  # a run adds where its files are
    assert lines[1] == lines[-1] == report.first.headline


def test_csv_and_json_hold_the_numbers_that_the_tables_round(document: Results, report: Report) -> None:
    """A figure of a table is that of the document, written by its column."""
    cells = json.loads(registry.load("format", "json").render(document))["cells"]
    written = list(csv.DictReader(io.StringIO(registry.load("format", "csv").render(document), newline="")))
    table = next(table for table in report.tables if table.key == "results")
    column = next(column for column in table.columns if column.key == "throughput")
    by_cell = {
        (c["contender"], *c["tuning"], c["slots"], c["load"]["text"], c["workload"], str(c["params"])): c for c in cells
    }
    assert len(by_cell) == len(cells)
    texts = {column.text(cell["summary"]["throughput_per_s"]) for cell in cells}
    assert {column.text(row.values["throughput"]) for row in table.rows} <= texts
    assert [row["tuning"] for row in written] == ["; ".join(cell["tuning"]) for cell in cells for _ in cell["trials"]]
    rates = [float(row["throughput_per_s"]) for row in written]
    assert rates == [trial["throughput_per_s"] for cell in cells for trial in cell["trials"]]
    assert [float(row["latency_p50_ms"]) for row in written] == [
        trial["latency_ms"]["p50"] for cell in cells for trial in cell["trials"]
    ]


@pytest.mark.parametrize("name", ["markdown", "html", "csv"])
def test_no_file_holds_what_a_terminal_obeys(name: str) -> None:
    """Whoever wrote the document; a file may be shown in a terminal too."""
    document = document_of("quick", rounds=1)
    run = msgspec.structs.replace(document.run, command="\x1b[31mworkbench", plan="\x1b[2Jquick")
    cells = [msgspec.structs.replace(document.cells[0], workload="\x9bnoop"), *document.cells[1:]]
    cells[1] = msgspec.structs.replace(cells[1], params=cells[1].params | {"\x1b[2J": 1})
    text = registry.load("format", name).render(msgspec.structs.replace(document, run=run, cells=cells))
    assert not {"\x1b", "\x9b"} & set(text)
    assert "\\x9bnoop" in text
