"""`workbench ladder`: what each rung buys, in virtual time; and every setting on real workers."""

from pathlib import Path

import pytest

from harness.contenders.settings.setting import known, written
from harness.results import store
from tests.cli.conftest import BARE, Workbench

LADDER = """
about = "two rungs"
warmup = "100ms"
base = "fake:8"
workload = "sleep"
loads = ["closed:32"]
rounds = 5
boots = 2
duration = "1s"

[[rung]]
name = "more slots"
gives_up = "memory"
contenders = ["fake:8", "fake:16"]

[[rung]]
name = "nothing"
workload = "noop"
set = { payload_bytes = [0, 100] }
"""


def test_a_ladder_says_what_each_rung_buys(workbench: Workbench, tmp_path: Path) -> None:
    """Twice the slots are twice the rate, what changes nothing is no difference; and what each gives up."""
    (tmp_path / "mine.toml").write_text(LADDER)
    ended = workbench("ladder", "mine.toml", "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    lines = [line for line in ended.out.splitlines() if "×" not in line and ("more slots" in line or "nothing" in line)]
    assert any("throughput 2.00 times as fast" in line and "memory" in line for line in lines), ended.out
    assert any("no difference" in line for line in lines), ended.out
    results = store.read(tmp_path / "run")
    assert {view.name: view.rung.gives_up for view in results.run.views if view.rung} == {
        "more slots": "memory",
        "nothing": "",
    }
    assert not any("floor" in cell.views for cell in results.cells)
    assert results.run.command.startswith("workbench ladder mine.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rung]]\nseting = 'x'", ["'seting'", "[[rung]] 1", "Did you mean 'setting'?"]),
        ("[[rung]]\nname = 'x'", ["[[rung]] 1", "'x'", "one thing changed", "1 cells"]),
        ("[[rung]]\nloads = ['closed:1']", ["[[rung]] 1", "a setting or a name"]),
        ("[[rung]]\nsetting = 'batch'\nbase = 'asyncio'", ["'batch'", "[[rung]] 1", "asyncio"]),
        ("colour = 'red'\n[[rung]]\nname = 'x'", ["'colour'"]),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(
    workbench_here: Workbench, tmp_path: Path, text: str, said: list[str]
) -> None:
    """With the file, the rung, and what is wrong; exit 2."""
    (tmp_path / "bad.toml").write_text(f"base = 'fake:8'\nworkload = 'sleep'\nloads = ['closed:8']\n{text}\n")
    ended = workbench_here("ladder", "bad.toml")
    assert ended.status == 2
    assert all(word in ended.err for word in ("bad.toml", *said)), ended.err


def test_a_ladders_name_with_a_typo_is_refused(workbench_here: Workbench) -> None:
    """With what it may be."""
    ended = workbench_here("ladder", "celry")
    assert ended.status == 2
    assert "'celry'" in ended.err
    assert "Did you mean 'celery'?" in ended.err


EFFECTIVE = {
    "prefetch-1": ("prefetch_multiplier", 1),
    "prefetch-64": ("prefetch_multiplier", 64),
    "acks-late": ("acks_late", True),
    "events": ("task_events", True),
    "msgpack": ("serializer", "msgpack"),
    "own-result-connections": ("result_backend_thread_safe", False),
    "gzip": ("compression", "gzip"),
    "no-ack-emulation": ("ack_emulation", False),
    "no-hiredis": ("hiredis", False),
    "nothing": ("serializer", "json"),
}


TOGETHER = (
    ("lean-producer", "prefetch-1", "acks-late", "msgpack", "gzip"),
    ("batch", "prefetch-64", "2-workers"),
    ("usual-producer", "events", "visibility-120"),
    ("no-hiredis", "own-result-connections", "no-ack-emulation", "unix-socket"),
    ("nothing",),
)
"""Settings that do not exclude each other: each worker takes a second of CPU to start."""
ELSEWHERE = {
    "2-queues",
    "3-queues",
    "time-limit-600",
    "expires-2",
    "max-length-64",
    "chunk-16",
    "confirms",
    "quorum",
    "reject-on-worker-lost",
    "short-visibility",
    "soft-shutdown",
}
"""What they change is no plain task, or a crash, another pool, RabbitMQ, or what is dropped where there is too much."""


def test_every_setting_of_celery_runs_on_a_real_worker(workbench: Workbench, tmp_path: Path) -> None:
    """All replies are right, and the worker says of each setting that it runs with it."""
    names = [name for group in TOGETHER for name in group]
    assert sorted(names) == sorted(set(known("celery")) - ELSEWHERE)
    contenders = ", ".join(f"'celery-threads{written(group)}:2'" for group in TOGETHER)
    (tmp_path / "settings.toml").write_text(
        f"rounds = 1\nduration = '200ms'\nwarmup = '50ms'\n[[view]]\nname = 'v'\nworkloads = ['noop']\n"
        f"contenders = [{contenders}]\nloads = ['drain:60']\nfloor = false\n"
    )
    ended = workbench("run", "settings.toml", "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    cells = {name: cell for cell in store.read(tmp_path / "run").cells for name in cell.tuning}
    assert sorted(cells) == sorted(names)
    for name, (key, value) in EFFECTIVE.items():
        assert cells[name].settings.effective[key] == value, name
    assert {name: cell.trials[0].ok for name, cell in cells.items()} == dict.fromkeys(names, 60)
    assert len(cells["2-workers"].workers) == 2
    assert cells["nothing"].settings.effective["hiredis"] is True
    for cell in cells.values():
        assert cell.summary is not None
        assert not any(doubt.kind == "settings-differ" for doubt in cell.summary.doubts), cell.id


def test_the_settings_of_asyncio_run(workbench: Workbench, tmp_path: Path) -> None:
    """Or say why they cannot: the eager task factory needs Python 3.12."""
    contenders = [argument for name in sorted(known("asyncio")) for argument in ("-c", f"asyncio+{name}:4")]
    arguments = ("--load", "closed:8", "--rounds", "1", "--requests", "50", "-o", str(tmp_path / "run"))
    ended = workbench("run", BARE, "-w", "sleep", "--set", "sleep.seconds=0", *contenders, *arguments)
    assert ended.status == 0, ended.err
    for cell in store.read(tmp_path / "run").cells:
        if cell.status == "not_supported":
            assert cell.tuning == ["eager"]
            assert cell.reason is not None
            assert "3.12" in cell.reason
        else:
            assert cell.trials[0].ok == 50
