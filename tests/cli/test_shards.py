"""A run over two Redis servers of its own; 3.7 s of CPU."""

from pathlib import Path

from harness.results import store
from tests.cli.conftest import BARE, Workbench


def test_a_run_over_two_brokers_is_one_table_in_which_each_has_done_its_part(
    workbench: Workbench, tmp_path: Path
) -> None:
    """Each has half of the slots and of the clients; what all requests cost together is what they cost on one."""
    folder = tmp_path / "run"
    load = ("--load", "closed:8", "--rounds", "1", "--duration", "300ms", "--repeats", "0")
    ended = workbench("run", BARE, "-w", "sleep", "-c", "queue-bare:4", "--shards", "2", *load, "-o", str(folder))
    assert ended.status == 0, ended.err
    assert "2 brokers share the requests: shard 1 " in ended.out
    results = store.read(folder)
    assert [(broker.server, broker.own, broker.shard) for broker in results.environment.brokers] == [
        ("redis", True, 1),
        ("redis", True, 2),
    ]
    (cell,) = results.cells
    (trial,) = cell.trials
    assert (trial.ok, trial.lost, trial.duplicates, cell.slots) == (trial.submitted, 0, 0, 4)
    assert trial.usage.broker is not None
    first, second = trial.usage.broker.shards
    assert first.count
    assert second.count
    assert 0.5 < first.count / second.count < 2
