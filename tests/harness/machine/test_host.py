"""The machine's counters, of the CPUs that may be used."""

import gzip
import os
from pathlib import Path

import pytest

from harness.machine.host import interrupts_are_apart, read_machine

STAT = """cpu  900 0 900 9000 0 90 90 90 0 0
cpu0 100 10 200 1000 5 3 7 20 0 0
cpu1 100 10 200 1000 5 3 7 20 0 0
cpu7 700 0 500 7000 0 84 76 50 0 0
intr 1
"""


@pytest.fixture(autouse=True)
def _two_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})


def files(root: Path, config: bytes = b"") -> Path:
    """A virtual /proc."""
    (root / "proc").mkdir(parents=True)
    (root / "proc/stat").write_text(STAT)
    if config:
        (root / "proc/config.gz").write_bytes(gzip.compress(config))
    return root


def test_the_cpus_that_may_be_used_are_added_up(tmp_path: Path) -> None:
    """In ticks of 10 ms; what runs on the others is nobody's concern. Interrupts are part of what they interrupt."""
    reading = read_machine(files(tmp_path))
    assert reading is not None
    assert reading.busy_s == pytest.approx(6.4)
    assert reading.steal_s == pytest.approx(0.4)
    assert reading.interrupts_s == 0
    assert 0 < reading.session_s <= reading.own_s
    assert (reading.quotas, reading.oom_kills) == ([], None)


def test_interrupts_are_named_where_the_kernel_charges_no_process_for_them(tmp_path: Path) -> None:
    """By its configuration, which may also lie in /boot."""
    root = files(tmp_path / "a", b"CONFIG_HZ=250\nCONFIG_IRQ_TIME_ACCOUNTING=y\n")
    reading = read_machine(root)
    assert reading is not None
    assert reading.interrupts_s == pytest.approx(0.2)
    boot = tmp_path / "b" / "boot"
    boot.mkdir(parents=True)
    (boot / "config-6.1").write_text("# CONFIG_IRQ_TIME_ACCOUNTING is not set\n")
    assert not interrupts_are_apart(tmp_path / "b", "6.1")
    assert not interrupts_are_apart(tmp_path / "b", "6.2")


def test_a_machine_that_shows_nothing_is_not_read(tmp_path: Path) -> None:
    """Neither without the file, nor without any of the CPUs in it."""
    assert read_machine(tmp_path / "none") is None
    root = files(tmp_path / "other")
    (root / "proc/stat").write_text("cpu9 1 2 3 4 5 6 7 8 9 10\n")
    assert read_machine(root) is None
