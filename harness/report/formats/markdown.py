"""markdown: tables that render on code-hosting sites."""

import re
from itertools import pairwise

from harness.report.card.shape import Card, SizeCard
from harness.report.first.screen import FirstScreen
from harness.report.formats.format import ReportFormat
from harness.report.table import Report, Table
from harness.report.words.glossary import words_of
from harness.results.text import readable

COMMAND = "command: "
"""How the line of the environment begins that is a command: it stands in a block of code, as it is typed."""


class Markdown(ReportFormat):
    """GitHub-flavoured Markdown."""

    summary = "tables for documents and code-hosting sites"

    def show(self, report: Report) -> str:
        """The first screen, the answer in words, tables, environment."""
        shown = _first_screen(report.first) if report.card is None else _card(report.card)
        parts = [f"# {escaped(report.headline)}", escaped(report.title), *shown]
        parts += ["## In words", *(f"- {escaped(line)}" for line in report.answer)] if report.answer else []
        for section in report.sections:
            parts += [f"## {escaped(section.title)}", *([f"*{escaped(section.about)}*"] if section.about else [])]
            for table in section.tables:
                parts += blocks_of(table)
        shared = [f"- {escaped(note.text)}" for note in report.shared]
        parts += ["## Of several tables", *shared] if shared else []
        parts += ["## How to read it", *(f"- {escaped(line)}" for line in report.reading)] if report.reading else []
        words = [f"- **{word.name}**: {escaped(word.means)}" for word in words_of(report.first)]
        parts += ["## Words", *words] if words and report.card is None else []
        parts += _environment(report.environment)
        return _joined(parts)


def _first_screen(first: FirstScreen) -> list[str]:
    """The overview as a table, the tiles as another one, the doubts as a list."""
    parts = [f"- **{question}:** {escaped(text)}." for question, text in first.certainty.parts]
    for matrix in first.crashes:
        heads = [matrix.name, "promise", *map(escaped, matrix.faults)]
        seen = [[row.contender, row.promise, *(cell.text for cell in row.cells)] for row in matrix.rows]
        lines = [_line(heads), _line(["---"] * len(heads)), *(_line(list(map(escaped, row))) for row in seen)]
        parts += ["\n".join(lines), *([escaped(matrix.about)] if matrix.about else [])]
    parts += [escaped(matrix.defined) for matrix in first.crashes[:1]]
    if first.told:
        pair = first.comparing
        faster = f"faster: {pair[0]} or {pair[1]}" if pair else "faster"
        head = ["", "compared", first.head(faster), first.head("less CPU a request"), "doubts"]
        rows = [
            [
                escaped(row.name),
                escaped(row.parties),
                escaped(first.said(row.speed_text)),
                escaped(first.said(row.cpu_text) or "–"),
                escaped(", ".join(row.doubts)),
            ]
            for row in first.overview
        ]
        parts.append("\n".join([_line(list(map(escaped, head))), _line(["---"] * len(head)), *map(_line, rows)]))
    if first.tiles:
        names = [figure.label for figure in first.tiles[0].figures]
        rows = [[tile.head, *(figure.whole for figure in tile.figures)] for tile in first.tiles]
        head = [escaped(first.tiles_of), *map(escaped, names)]
        rule = _line(["---", *["---:"] * len(names)])
        parts.append("\n".join([_line(head), rule, *(_line([escaped(text) for text in row]) for row in rows)]))
    return [*parts, *(f"- {escaped(text)}" for text in (*first.findings, *(note.text for note in first.doubts)))]


def _card(card: Card | SizeCard) -> list[str]:
    rows = [_line([escaped(text) for text in line]) for line in card.lines]
    figures = "\n".join([_line([escaped(head) for head in card.heads]), _line(["---"] * len(card.heads)), *rows])
    parts = [f"## {escaped(f'{card.question} {card.title}')}"]
    parts += [f"**How sure:** {escaped(card.sure)}."] if card.sure else []
    parts.append(figures)
    for heading, texts in ((heading, texts) for heading, texts in card.parts if texts):
        parts += [f"### {escaped(heading)}", *(f"- {escaped(text)}" for text in texts)]
    return parts


def blocks_of(table: Table) -> list[str]:
    """A table at first sight, and all of its columns folded where that leaves some out."""
    brief = table.brief
    if len(brief) == len(table.columns):
        return [table_of(table)]
    whole = table_of(table._replace(notes=[]))
    return [
        table_of(table._replace(columns=tuple(brief))),
        f"<details><summary>All columns</summary>\n\n{whole}\n\n</details>",
    ]


def table_of(table: Table) -> str:
    """A table with its title and its notes."""
    heading = _line([escaped(column.heading) for column in table.columns])
    rule = _line(["---:" if column.numeric else "---" for column in table.columns])
    rows = [_line([escaped(text) for text in table.cells(row)]) for row in table.rows]
    about = f": {escaped(table.about)}" if table.about else ""
    notes = "".join(f"\n- {escaped(note.text)}" for note in table.notes)
    return "\n".join([f"**{escaped(table.title)}**{about}", "", heading, rule, *rows]) + (notes and f"\n{notes}")


def _environment(lines: list[str]) -> list[str]:
    if not lines:
        return []
    commands = [line.removeprefix(COMMAND) for line in lines if line.startswith(COMMAND)]
    parts = ["## Environment", *(f"- {escaped(line)}" for line in lines if not line.startswith(COMMAND))]
    return parts + [f"```\n{readable(command).replace('```', '` ` `')}\n```" for command in commands]


def escaped(text: str) -> str:
    """Text from results shows as itself: no markup, no HTML, one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#&~$])", r"\\\1", readable(" ".join(text.split())))


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _joined(parts: list[str]) -> str:
    """Blank lines between blocks; items of one list stay together."""
    text = parts[0]
    for before, part in pairwise(parts):
        text += ("\n" if before.startswith("- ") and part.startswith("- ") else "\n\n") + part
    return text + "\n"


FORMAT = Markdown()
