"""What `workbench serve` reads: regular files below its folder, up to a size; others are named, never waited for."""

import os
import socket
from pathlib import Path

import msgspec
import pytest

from harness.errors import UsageError
from harness.report import run_list
from harness.report.run_list import listed
from harness.report.served_files import content, part
from harness.results import store
from tests.builders import document_of


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """A folder with one good run."""
    folder = tmp_path.resolve() / "runs"
    (folder / "good").mkdir(parents=True)
    document = document_of("quick")
    run = msgspec.structs.replace(document.run, id="good")
    store.write(folder / "good" / store.DOCUMENT, msgspec.structs.replace(document, run=run))
    return folder


def bad(served: Path, name: str) -> Path:
    """Where another run's document is to be."""
    (served / name).mkdir()
    return served / name / store.DOCUMENT


def reason(served: Path, name: str) -> str:
    """Why that run is listed as unreadable; the good one is listed beside it."""
    runs = {run.id: run for run in listed(served)}
    assert runs["good"].error is None
    assert runs["good"].status == "done"
    error = runs[name].error
    assert error is not None
    return error


def test_a_document_that_is_nested_too_deeply_is_its_own_runs_fault(served: Path) -> None:
    """Not that of the list."""
    good = (served / "good" / store.DOCUMENT).read_bytes()
    bad(served, "deep").write_bytes(
        good.replace(b'"cells": [', b'"cells": [' + b"[" * 20_000 + b"]" * 20_000 + b",", 1)
    )
    assert "nested too deeply" in reason(served, "deep")


def test_a_document_that_is_not_utf_8_is_listed_with_the_reason(served: Path) -> None:
    """One byte is enough."""
    good = (served / "good" / store.DOCUMENT).read_bytes()
    bad(served, "byte").write_bytes(good.replace(b'"plan"', b'"pl\xffan"', 1))
    assert "not a results document" in reason(served, "byte")


def test_a_document_of_a_gigabyte_is_not_read(served: Path) -> None:
    """Its size is known before."""
    with bad(served, "large").open("wb") as file:
        file.truncate(10**9)
    assert reason(served, "large") == "results.json has 1000 MB; at most 64 are read"


def test_what_is_no_file_is_not_waited_for(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO would be for ever."""
    os.mkfifo(bad(served, "fifo"))
    assert reason(served, "fifo") == "results.json is no file that can be read, but a FIFO"
    os.mkfifo(served / "good" / store.JOURNAL)
    with pytest.raises(UsageError, match="a FIFO"):
        part(served, served / "good" / store.JOURNAL, 0, 10)
    bad(served, "folder").mkdir()
    assert "a folder" in reason(served, "folder")
    with socket.socket(socket.AF_UNIX) as bound:
        place = bad(served, "socket")
        monkeypatch.chdir(place.parent)  # the kernel takes a path of 108 characters
        bound.bind(place.name)
        assert reason(served, "socket").startswith("results.json cannot be opened: ")


def test_no_link_leads_out_of_the_folder(served: Path, tmp_path: Path) -> None:
    """Whichever file or folder it stands for; within the folder it may lead anywhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (served / "good" / store.JOURNAL).symlink_to(outside / "secret")
    with pytest.raises(UsageError, match="outside the served folder"):
        part(served, served / "good" / store.JOURNAL, 0, 10)
    (served / "away").symlink_to(outside)
    with pytest.raises(UsageError, match="outside the served folder"):
        content(served, served / "away" / "secret")
    (served / "inside").symlink_to(served / "good")
    assert content(served, served / "inside" / store.DOCUMENT) == content(served, served / "good" / store.DOCUMENT)
    (served / "loop").symlink_to(served / "loop")
    with pytest.raises(UsageError, match="cannot be opened"):
        content(served, served / "loop" / "x")
    assert part(served, served / "good" / "nothing", 0, 10) == b""


def test_a_link_that_is_put_in_place_after_looking_is_not_followed(
    served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is opened in the folder before it."""
    (tmp_path / "secret").write_text("secret")
    file = served / "good" / "swapped"
    file.symlink_to(tmp_path / "secret")
    monkeypatch.setattr(Path, "resolve", lambda self, strict=False: self)  # as it looked a moment ago
    with pytest.raises(UsageError, match="cannot be opened"):
        content(served, file)


def test_the_board_lists_runs_that_it_does_not_read(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is left out in silence."""
    monkeypatch.setattr(run_list, "TOLD_MOST", 0)
    bad(served, "second").write_text("{}")
    verdicts = dict(run_list.candidates(served))
    assert verdicts["good"] == "not read: 0 runs are newer"
    assert str(verdicts["second"]).startswith("unreadable: ")
