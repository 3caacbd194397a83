"""System V shared memory that a killed process leaves."""

import ctypes
from collections.abc import Iterator

import pytest

from harness.machine import segments
from harness.machine.segments import IPC_RMID, remove_unused

KEY = 0x5EED
IPC_CREAT = 0o1000


@pytest.fixture
def segment() -> Iterator[int]:
    """The id of a segment that no process uses."""
    libc = ctypes.CDLL(None, use_errno=True)
    identity = libc.shmget(KEY, 4096, IPC_CREAT | 0o600)
    yield identity
    libc.shmctl(identity, IPC_RMID, None)


def test_only_the_unused_segment_of_that_key_is_removed(segment: int) -> None:
    """Another key with the same id is somebody else's, made since."""
    assert not remove_unused(KEY + 1, segment)
    assert remove_unused(KEY, segment)
    assert not remove_unused(KEY, segment)


def test_a_segment_in_use_is_left_alone(segment: int) -> None:
    """A process is attached to it."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(segment, None, 0)
    try:
        assert not remove_unused(KEY, segment)
    finally:
        libc.shmdt(ctypes.c_void_p(address))


def test_a_kernel_without_the_table_has_none(monkeypatch: pytest.MonkeyPatch, segment: int) -> None:
    """Nothing is removed that cannot be seen."""
    monkeypatch.setattr(segments, "TABLE", segments.TABLE / "none")
    assert not remove_unused(KEY, segment)
