"""Files are written where the user wants them, and nothing else is replaced by one."""

import os
import stat
import threading
from pathlib import Path

import pytest

from harness.errors import UsageError, WriteError
from harness.results.places import check_writable, write_text


def test_a_link_stays_and_leads_to_what_was_written(tmp_path: Path) -> None:
    """Also where that is not there yet; no temporary file stays."""
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/file")
    for text in ("one", "two"):
        check_writable(tmp_path / "link", "--json")
        write_text(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "there" / "file").read_text() == text
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["file"]


def test_a_device_stays_one() -> None:
    """It is written, not replaced: whoever is root would lose it."""
    check_writable(Path("/dev/null"), "--json")
    write_text(Path("/dev/null"), "text")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_device_that_is_full_is_an_error() -> None:
    """And stays a device."""
    with pytest.raises(WriteError, match="/dev/full cannot be written: No space left on device"):
        write_text(Path("/dev/full"), "text")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_pipe_is_given_to_whoever_reads_it(tmp_path: Path) -> None:
    """More than a pipe holds; whoever reads it was not told of an end before."""
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    with pytest.raises(WriteError, match="cannot be written: nobody reads it"):
        write_text(pipe, "text")
    reader.start()
    check_writable(pipe, "--json")
    while not read:
        try:
            write_text(pipe, "x" * 200_000)
        except WriteError:  # the reader has not opened it yet
            continue
        reader.join(10)
    assert read == ["x" * 200_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_is_open_already_goes_on_where_it_is(tmp_path: Path) -> None:
    """As `--json /dev/stdout > file`: what is printed there too is not lost."""
    with (tmp_path / "out").open("wb", buffering=0) as out:
        out.write(b"before\n")
        place = Path(f"/dev/fd/{out.fileno()}")
        check_writable(place, "--json")
        write_text(place, "text\n")
    assert (tmp_path / "out").read_text() == "before\ntext\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("loop", "symbolic links"),
        ("folder", "Is a directory"),
        ("a" * 300, "name too long"),
        ("missing/file", "No such file"),
        ("loop/x", "symbolic"),
    ],
)
def test_what_cannot_be_written_is_bad_usage_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    """Before a run."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=rf"--json .*cannot be written: .*{reason}"):
        check_writable(tmp_path / name, "--json")


def test_a_name_of_any_length_that_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    """The temporary file beside it has a shorter one."""
    place = tmp_path / ("é" * 127)
    check_writable(place, "--json")
    write_text(place, "text")
    assert place.read_text() == "text"
