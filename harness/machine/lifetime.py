"""Whether the process that made something elsewhere, such as keys on a broker, still lives."""

import os
from pathlib import Path

import psutil

from harness.machine import kernel
from harness.machine.usage import boot_id


def owner() -> str:
    """This process, in words that no other one ever has: kernel boot, namespace of process ids, id, start."""
    pid = os.getpid()
    return f"{boot_id()} {_namespace()} {pid} {_started(pid)}"


def is_dead(text: str) -> bool:
    """Whether an `owner` has ended; False where that cannot be known: on another machine, or in another container."""
    boot, _, rest = text.partition(" ")
    namespace, _, rest = rest.partition(" ")
    pid, _, started = rest.partition(" ")
    here = boot == boot_id() and namespace == _namespace() and pid.isascii() and pid.isdecimal() and len(pid) < 11
    return here and _started(int(pid)) != started


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:  # a system without namespaces
        return "0"


def _started(pid: int) -> str:
    """Ticks from the kernel's boot to its start (proc(5), field 22); empty where there is no such process."""
    if not kernel.PROC:
        return _created(pid)
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _created(pid: int) -> str:
    """When it began, where there is no /proc."""
    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
