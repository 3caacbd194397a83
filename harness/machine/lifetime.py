"""Whether the process that made something elsewhere, such as keys on a broker, still lives."""

import os
from pathlib import Path

from harness.machine.starts import start_of
from harness.machine.usage import boot_id


def owner() -> str:
    """This process, in words that no other one ever has: kernel boot, namespace of process ids, id, start."""
    pid = os.getpid()
    return f"{boot_id()} {_namespace()} {pid} {start_of(pid)}"


def is_dead(text: str) -> bool:
    """Whether an `owner` has ended; False where that cannot be known: on another machine, or in another container."""
    boot, _, rest = text.partition(" ")
    namespace, _, rest = rest.partition(" ")
    pid, _, started = rest.partition(" ")
    here = boot == boot_id() and namespace == _namespace() and pid.isascii() and pid.isdecimal() and len(pid) < 11
    return here and start_of(int(pid)) != started


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:  # a system without namespaces
        return "0"
