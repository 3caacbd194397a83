"""`workbench submit`: a document for the board, or the reason why it would be left out."""

import gzip
from pathlib import Path

import msgspec
import pytest

from harness.cli.submit import submit
from harness.errors import UsageError
from harness.results import store
from harness.results.model import Cell, Doubt
from tests.builders import results_of

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "example" / "quick.json.gz"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a real run, of two rows."""
    document = store.parse(gzip.decompress(EXAMPLE.read_bytes()), EXAMPLE.name, EXAMPLE.parent)
    cells = [doubted(cell) for cell in document.cells[:2]]
    return store.publish(tmp_path / "alice", msgspec.structs.replace(document, cells=cells)).parent


def doubted(cell: Cell, *doubts: Doubt) -> Cell:
    """With these doubts, whatever the example had."""
    assert cell.summary
    trials = [msgspec.structs.replace(trial, doubts=[]) for trial in cell.trials]
    return msgspec.structs.replace(cell, trials=trials, summary=msgspec.structs.replace(cell.summary, doubts=[*doubts]))


def test_a_run_becomes_a_folder_of_the_board(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Named by its contents, so that it can be submitted again."""
    for _ in range(2):
        submit(run, tmp_path / "boards")
    (entry,) = (tmp_path / "boards").iterdir()
    assert entry.name == f"quick-{store.read(entry).run.id}"
    assert str(entry / store.DOCUMENT) in capsys.readouterr().out


def test_a_run_that_would_be_left_out_is_not_written(tmp_path: Path) -> None:
    """With the reason."""
    run = store.publish(tmp_path / "made-up", results_of()).parent
    with pytest.raises(UsageError, match="left out of the board: sleep, asyncio:16, closed:32"):
        submit(run, tmp_path / "boards")
    assert not (tmp_path / "boards").exists()


def test_rows_without_a_figure_on_the_board_are_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the doubt; the rest of the run is shown."""
    document = store.read(run)
    first, second = document.cells
    cells = [doubted(first, Doubt(kind="drifting", text="more", advice="again")), doubted(second)]
    submit(store.publish(tmp_path / "drifted", msgspec.structs.replace(document, cells=cells)).parent, tmp_path / "b")
    assert "http_date, asyncio:16, closed:32: drifting: no figure on the board." in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_bad_usage(run: Path, tmp_path: Path) -> None:
    """With the option."""
    (tmp_path / "boards").write_text("a file")
    with pytest.raises(UsageError, match=r"cannot be made: .* -o DIR"):
        submit(run, tmp_path / "boards")
