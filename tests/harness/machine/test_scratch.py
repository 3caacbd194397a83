"""A run's temporary folder: held while its process lives, found once that was killed."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from harness.errors import ServiceError
from harness.machine import scratch
from harness.machine.held import is_held
from harness.machine.scratch import can_enter, left_behind, scratch_folder

HOLDER = """
import sys
from harness.machine.scratch import scratch_folder
with scratch_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's temporary folder, of which no folder is young."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG_S", -1.0)
    monkeypatch.setattr(scratch, "COMMON", ())
    return tmp_path


def test_temporary_files_lie_in_it_and_go_with_it(temporary: Path) -> None:
    """Those of this process, and those of its children by TMPDIR; afterwards both are as before."""
    before = os.environ.get("TMPDIR")
    with scratch_folder() as folder:
        assert folder.parent == temporary
        assert os.environ["TMPDIR"] == tempfile.gettempdir() == str(folder / "tmp")
        Path(tempfile.mkdtemp()).joinpath("file").touch()
    assert not folder.exists()
    assert (os.environ.get("TMPDIR"), tempfile.gettempdir()) == (before, str(temporary))


def test_a_machine_without_a_place_for_temporary_files_is_named(temporary: Path) -> None:
    """With what to do about it."""
    temporary.rmdir()
    said = r"no place for temporary files: No such file .* Set TMPDIR"
    with pytest.raises(ServiceError, match=said), scratch_folder():
        pass


def test_a_run_has_no_folder_whose_name_is_no_text(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name goes to other processes in messages."""
    monkeypatch.setattr(scratch, "COMMON", (temporary,))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "x\udcff"))
    with scratch_folder() as folder:
        assert folder.parent == temporary


def test_who_can_enter_a_folder_is_told_by_its_mode_and_all_above(temporary: Path) -> None:
    """A folder that others may enter lies in vain in one that they may not."""
    inner = temporary / "closed" / "open"
    inner.mkdir(parents=True)
    inner.chmod(0o711)
    mine, other = inner.stat().st_uid, 54321
    inner.parent.chmod(0o700)
    temporary.chmod(0o711)
    assert can_enter(inner, mine, 0)
    assert not can_enter(inner, other, other)
    inner.parent.chmod(0o750)
    assert not can_enter(inner, other, other)


def test_a_folder_is_left_behind_once_its_process_was_killed(temporary: Path) -> None:
    """Not while that lives."""
    argv = [sys.executable, "-c", HOLDER]
    env = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as holder:
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        assert is_held(folder)
        assert left_behind() == []
        holder.kill()
    assert left_behind() == [folder]


def test_what_may_not_be_held_yet_is_left_alone(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder younger than a minute, another user's, a link, and whatever has another name."""
    folder = temporary / f"{scratch.PREFIX}one"
    folder.mkdir()
    (temporary / f"{scratch.PREFIX}link").symlink_to(folder)
    (temporary / "another").mkdir()
    assert left_behind() == [folder]
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    assert left_behind() == []
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert time.time() - folder.stat().st_mtime < scratch.YOUNG_S
    assert left_behind() == []
