"""Notes that several tables have: they stand once, after the tables."""

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.report.table import Note, Section


def shared_notes(sections: Sequence[Section]) -> list[Note]:
    """Those that stand under two tables or more; errors and doubts stay with their rows."""
    counts = Counter(note for section in sections for note in _notes(section))
    return [note for note, number in counts.items() if number > 1]


def without(sections: Iterable[Section], notes: Sequence[Note]) -> list[Section]:
    """The sections without these."""
    return [
        section._replace(
            tables=[
                table._replace(notes=[note for note in table.notes if note not in notes]) for table in section.tables
            ]
        )
        for section in sections
    ]


def _notes(section: Section) -> Iterable[Note]:
    return (note for table in section.tables for note in table.notes if note.kind == "note")
