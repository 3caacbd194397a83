"""`workbench ab`: two sides in turns, without a run of theirs."""

import asyncio
from pathlib import Path

import pytest

from harness.cli.ab import AbOptions, ab
from harness.cli.sides import Side, side_of
from harness.errors import ServiceError, UsageError
from harness.results import store
from tests.builders import cell_of, results_of, trial_of


def environment(folder: Path, script: str = "exit 0") -> Path:
    """A folder whose Python is a shell script."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return folder


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Runs of both sides that write a document at once: which side, with which seed; NEW_DIR is a tenth slower."""
    ran: list[tuple[str, str]] = []

    async def run(side: Side, arguments: list[str], log: Path) -> None:
        folder = Path(arguments[arguments.index("-o") + 1])
        folder.mkdir()
        seed = arguments[arguments.index("--seed") + 1]
        rate = (90.0 if side.name == "NEW_DIR" else 100.0) * (1 + int(seed) / 10)
        ran.append((side.name, seed))
        store.write(folder / store.DOCUMENT, results_of([cell_of(trials=[trial_of(1, rate)])]))

    monkeypatch.setattr(Side, "run", run)
    return ran


@pytest.mark.parametrize(("gate", "status"), [("throughput:5%", 1), ("throughput:20%", 0)])
def test_both_are_measured_in_each_pair_and_a_gate_is_judged_by_the_pairs(
    tmp_path: Path, runs: list[tuple[str, str]], gate: str, status: int
) -> None:
    """With the same seed within a pair, in an order of its own, however much pairs differ from each other."""
    options = AbOptions(
        base=environment(tmp_path / "a"),
        new=environment(tmp_path / "b"),
        fail_on=[gate],
        seed=0,
        output=tmp_path / "ab",
    )
    assert ab(options) == status
    assert len(runs) == 12
    pairs = [runs[at : at + 2] for at in range(0, 12, 2)]
    assert all({name for name, _ in pair} == {"BASE_DIR", "NEW_DIR"} for pair in pairs)
    assert [{seed for _, seed in pair} for pair in pairs] == [{str(number)} for number in range(1, 7)]
    assert len({pair[0][0] for pair in pairs}) == 2


def test_a_folder_without_a_python_is_refused(tmp_path: Path) -> None:
    """Before anything is measured."""
    with pytest.raises(UsageError, match=r"NEW_DIR .*: neither a checkout"):
        side_of("NEW_DIR", tmp_path)


def test_a_run_that_fails_ends_the_comparison_with_its_last_lines(tmp_path: Path) -> None:
    """An old checkout may not know an option."""
    side = side_of("BASE_DIR", environment(tmp_path / "a", "echo no such option: --boots; exit 2"))
    with pytest.raises(ServiceError, match=r"(?s)status 2.*no such option: --boots"):
        asyncio.run(side.run([], tmp_path / "log"))


def test_an_interrupt_reaches_the_run_and_is_waited_for(tmp_path: Path) -> None:
    """It stops its services itself."""
    script = f"trap 'touch {tmp_path}/ended; exit 130' INT; touch {tmp_path}/begun; while :; do sleep 0.02; done"
    side = side_of("BASE_DIR", environment(tmp_path / "a", script))

    async def main() -> None:
        running = asyncio.ensure_future(side.run([], tmp_path / "log"))
        while not (tmp_path / "begun").exists():
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())
    assert (tmp_path / "ended").exists()
