"""What a row says of a system that lacks something of Linux: each role misses what is about it."""

from pathlib import Path

import msgspec

from harness.accounting.usage import RoleReadings
from harness.machine.host import MachineReading
from tests.harness.accounting.conftest import IDLE_DRIVER, accounted, pair

KIND = "other-system"
ALL = ["timerfd", "PSS", "/proc/stat", "files in memory"]


def lacking(tmp_path: Path, role: list[str], machine: list[str], *, virtual: bool = False) -> str:
    """The doubt of a trial whose workers, and whose session, ran without these; empty without one."""
    first, last = pair(0.0, 1.0, 2.0)
    read = MachineReading(at_ns=0, busy_s=0.0, steal_s=0.0, own_s=0.0)
    readings = RoleReadings(
        pairs={"workers": (first, msgspec.structs.replace(last, lacking=role))},
        machine=(read, msgspec.structs.replace(read, at_ns=2_000_000_000, lacking=machine)),
    )
    doubts = accounted(tmp_path, readings=readings, driver=None if virtual else IDLE_DRIVER).doubts
    return next((doubt.text for doubt in doubts if doubt.kind == KIND), "")


def test_a_role_and_the_session_each_miss_what_they_read(tmp_path: Path) -> None:
    """Workers on another system pace nothing, and the session has no memory to report."""
    assert lacking(tmp_path, ALL, []) == "measured without PSS (memory is RSS: shared pages count for each process)"
    assert "/proc/stat" in lacking(tmp_path, [], ALL)
    assert "timerfd" not in lacking(tmp_path, ALL, ALL)


def test_linux_and_virtual_time_lack_nothing(tmp_path: Path) -> None:
    """Nor is it a doubt that a temporary file stood in for one in memory."""
    assert lacking(tmp_path, [], []) == lacking(tmp_path, ["files in memory"], ["files in memory"]) == ""
    assert lacking(tmp_path, ALL, ALL, virtual=True) == ""
