"""System V shared memory, which stays when the processes that used it were killed."""

import ctypes
from pathlib import Path

TABLE = Path("/proc/sysvipc/shm")
IPC_RMID = 0


def remove_unused(key: int, identity: int) -> bool:
    """Remove the segment with this key and id if no process is attached to it; returns whether it was removed."""
    if (key, identity, 0) not in _segments():
        return False
    return bool(ctypes.CDLL(None, use_errno=True).shmctl(identity, IPC_RMID, None) == 0)


def _segments() -> set[tuple[int, int, int]]:
    """Key, id and number of attached processes of each."""
    try:
        rows = TABLE.read_text("ascii").splitlines()[1:]
    except OSError:
        return set()
    fields = [row.split() for row in rows]
    return {(int(row[0]), int(row[1]), int(row[6])) for row in fields}
