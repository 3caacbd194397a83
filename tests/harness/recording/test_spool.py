"""The recorder: what goes in comes out, and memory stays bounded."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.recording.spool import BUFFER_ROWS, COLUMNS, Recorder, Status
from tests.running import read_rows

stamp = st.integers(min_value=0, max_value=2**63 - 1)
Row = tuple[int, int, int, int, int, int, int, int]


def test_every_row_comes_back_in_order(tmp_path: Path) -> None:
    """Two full buffers and a bit: nothing is lost at the seams."""
    recorder = Recorder(tmp_path / "spool")
    total = 2 * BUFFER_ROWS + 3
    for number in range(total):
        recorder.record((number, 1, 2, 3, 4, 5, 6, Status.LOST))
    assert recorder.rows == total
    recorder.close()
    rows = read_rows(tmp_path / "spool")
    assert rows[:, 0].tolist() == list(range(total))
    assert rows[:, COLUMNS.index("status")].tolist() == [Status.LOST] * total


def test_memory_does_not_grow_with_the_number_of_requests(tmp_path: Path) -> None:
    """A full buffer is written out: never more than one buffer of rows is held."""
    recorder = Recorder(tmp_path / "spool")
    for number in range(5 * BUFFER_ROWS - 1):
        recorder.record((number, 0, 0, 0, 0, 0, 0, 0))
        assert len(recorder._buffer) < BUFFER_ROWS * len(COLUMNS)
    assert (tmp_path / "spool").stat().st_size == 4 * BUFFER_ROWS * len(COLUMNS) * 8
    recorder.close()


@given(rows=st.lists(st.tuples(stamp, stamp, stamp, stamp, stamp, stamp, stamp, st.sampled_from(list(Status)))))
def test_stamps_are_kept_to_the_nanosecond(rows: list[Row]) -> None:
    """Any 64-bit stamp survives the spool."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "spool"
        recorder = Recorder(spool)
        for row in rows:
            recorder.record(row)
        recorder.close()
        assert [tuple(row) for row in read_rows(spool).tolist()] == rows
