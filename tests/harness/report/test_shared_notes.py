"""What several tables have as a note stands once, after them; doubts and errors stay with their rows."""

from harness.report.shared_notes import shared_notes, without
from harness.report.table import Note, Section, Table

FLOOR, OWN = Note("Floor, a no-op alone: asyncio:16 0.002 ms."), Note("of this table")
DOUBT, ERROR = Note("Doubt, machine-bound", "doubt"), Note("failed", "error")


def section(*notes: Note) -> Section:
    """Of one table."""
    return Section("", "", [Table("results", "", "", (), [], list(notes))])


def test_only_notes_of_several_tables_are_taken_out() -> None:
    """In their order; each table keeps the others."""
    sections = [section(OWN, FLOOR, DOUBT, ERROR), section(FLOOR, DOUBT, ERROR)]
    shared = shared_notes(sections)
    assert shared == [FLOOR]
    assert [each.tables[0].notes for each in without(sections, shared)] == [[OWN, DOUBT, ERROR], [DOUBT, ERROR]]
    assert shared_notes(sections[:1]) == []
