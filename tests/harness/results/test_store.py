"""Reading and writing results documents."""

import errno
import fcntl
import json
import os
from pathlib import Path

import msgspec
import pytest

from harness.errors import UsageError, WriteError
from harness.results import store
from harness.results.model import SCHEMA, View
from tests.builders import document_of, results_of


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Unchanged, also by the folder's name."""
    kept = store.Store(tmp_path / "run")
    kept.create()
    kept.save(results_of())
    assert store.read(tmp_path / "run") == results_of()
    assert store.read(tmp_path / "run" / "results.json") == results_of()
    assert [path.name for path in (tmp_path / "run").iterdir() if path.is_file()] == ["results.json"]


@pytest.mark.parametrize(
    "schema", ["workbench/2.0", "workbench/1.99", "other/1.0", "", "workbench/" + "9" * 5000 + ".1"]
)
def test_another_schema_is_refused(tmp_path: Path, schema: str) -> None:
    """With the ones that can be read."""
    path = tmp_path / "results.json"
    store.write(path, results_of())
    path.write_text(path.read_text().replace(SCHEMA, schema))
    with pytest.raises(UsageError, match=r"schema .* reads workbench/1\.0"):
        store.read(path)


@pytest.mark.parametrize("written", [b'"matched":"means"', b'"matched": "means"'])
def test_matched_means_of_a_document_before_1_6_are_matched_resources(tmp_path: Path, written: bytes) -> None:
    """In the document and in its head; a text that only quotes the old form is left as it is."""
    view = View(name="one", about='says "matched": "means"', matched="resources")
    results = results_of()
    results = msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, views=[view]))
    path = tmp_path / "results.json"
    store.write(path, results)
    old = path.read_bytes().replace(b'"matched": "resources"', written).replace(SCHEMA.encode(), b"workbench/1.5")
    assert written in old
    path.write_bytes(old)
    assert store.read(path) == results
    assert store.parse_run(path.read_bytes(), tmp_path) == results.run


def test_comparisons_of_an_older_document_name_rows_as_this_version_does(tmp_path: Path) -> None:
    """Without the time scale, which all rows of its run have."""
    results = document_of("quick", rounds=2)
    path = tmp_path / "results.json"
    store.write(path, results)
    said = b'"contender": "asyncio:16"'
    assert said in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(said, b'"contender": "asyncio+time-scale-60:16"'))
    assert store.read(path).comparisons == results.comparisons


def test_a_timeline_whose_slices_lack_something_is_refused_with_its_place(tmp_path: Path) -> None:
    """A chart would be drawn of figures that belong to other slices."""
    results = document_of("quick", rounds=1)
    document = json.loads(msgspec.json.encode(results))
    trial = document["cells"][0]["trials"][0]
    trial["timeline"] = {"slice_s": 0.1, "ok": [1, 2], "mean_ms": [1.0], "max_ms": [1.0, 2.0]}
    (tmp_path / "results.json").write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r"same number of slices - at `\$\.cells\[0\]\.trials\[0\]\.timeline`"):
        store.read(tmp_path)


def test_a_time_scale_of_nothing_is_refused_with_its_place(tmp_path: Path) -> None:
    """Reports divide by it."""
    document = json.loads(msgspec.json.encode(document_of("quick", rounds=1)))
    document["run"]["time_scale"] = 0
    (tmp_path / "results.json").write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r">= 1 - at `\$\.run\.time_scale`"):
        store.read(tmp_path)


@pytest.mark.parametrize("part", ["ratio", "ci95"])
def test_a_ratio_of_nothing_is_refused_with_its_place(tmp_path: Path, part: str) -> None:
    """It has no inverse, which reports show where more is better."""
    path = tmp_path / "results.json"
    store.write(path, document_of("quick"))
    document = json.loads(path.read_text())
    comparison = next(one for one in document["comparisons"] if one["ci95"])
    comparison[part] = 0.0 if part == "ratio" else [0.0, 1.4]
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=rf"> 0.*\$\.comparisons.*{part}"):
        store.read(path)


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    """Never ignored."""
    path = tmp_path / "results.json"
    store.write(path, results_of())
    document = json.loads(path.read_text())
    document["cells"][0]["colour"] = "red"
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r"`colour`.*\$\.cells"):
        store.read(path)


def test_a_truncated_document_is_refused(tmp_path: Path) -> None:
    """As not a results document."""
    path = tmp_path / "results.json"
    store.write(path, results_of())
    path.write_text(path.read_text()[:300])
    with pytest.raises(UsageError, match="not a results document"):
        store.read(path)


def test_a_run_whose_process_has_gone_was_killed(tmp_path: Path) -> None:
    """Its document still says `running`, which it does not as long as the process holds the folder."""
    running = results_of()
    running = msgspec.structs.replace(running, run=msgspec.structs.replace(running.run, status="running"))
    kept = store.Store(tmp_path / "run")
    kept.create()
    kept.save(running)
    assert store.read(kept.folder) == running
    kept.release()
    assert store.read(kept.folder).run.status == "killed"
    assert store.parse_run(kept.path.read_bytes(), kept.folder).status == "killed"


def test_a_full_disk_costs_nothing_that_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says so; no temporary file stays."""
    kept = store.Store(tmp_path / "run")
    kept.create()
    kept.save(results_of())

    def full(self: Path, *_: object) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WriteError, match=r"results\.json cannot be written: No space left on device\. What was saved"):
        kept.save(results_of())
    assert store.read(kept.folder) == results_of()
    assert [path.name for path in kept.folder.iterdir() if path.is_file()] == ["results.json"]


def test_a_folder_that_cannot_be_called_so_is_bad_usage(tmp_path: Path) -> None:
    """To be made, and to be read."""
    with pytest.raises(UsageError, match=r"cannot be written: File name too long\. Name another one: -o DIR"):
        store.Store(tmp_path / ("a" * 300)).create()
    with pytest.raises(UsageError, match=r"aaa: File name too long"):
        store.read(tmp_path / ("a" * 300))


def test_the_folder_of_all_runs_is_refused_with_the_last_of_them(tmp_path: Path) -> None:
    """A usual mistake: `workbench report results`."""
    for name in ("20261126-091933-quick", "20261127-001750-decide"):
        (tmp_path / name).mkdir()
        (tmp_path / name / store.DOCUMENT).write_text("{}")
    with pytest.raises(UsageError, match=r"No such file.* such as .*20261127-001750-decide"):
        store.read(tmp_path)


def test_what_has_no_end_is_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read on and on."""
    monkeypatch.setattr(store, "BYTES_MOST", 1000)
    with pytest.raises(UsageError, match="/dev/zero: not a results document: it has more than"):
        store.read(Path("/dev/zero"))


def test_a_run_in_a_folder_whose_name_is_no_text_can_be_saved_and_read(tmp_path: Path) -> None:
    """Its name stands in the document, with a sign for each byte that is none."""
    results = results_of()
    kept = store.Store(tmp_path / "run\udcff")
    kept.create()
    kept.save(msgspec.structs.replace(results, run=msgspec.structs.replace(results.run, id="run\udcff")))
    assert store.read(kept.folder).run.id == "run?"


def test_two_runs_at_once_have_no_folder_in_common(tmp_path: Path) -> None:
    """The second one is told before it writes anything, also before the first one has a document."""
    first, second = store.Store(tmp_path / "run"), store.Store(tmp_path / "run")
    first.create()
    with pytest.raises(UsageError, match=r"another run is being written into .*run; choose another folder with -o"):
        second.create()
    first.release()
    second.create()
    second.release()


def test_a_file_system_without_locks_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its run lives is not known there."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    kept = store.Store(tmp_path / "run")
    kept.create()
    kept.save(results_of())
    kept.release()
    assert store.read(kept.folder) == results_of()
