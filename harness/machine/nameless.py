"""Files without a name, which go away with the last process that has them open."""

import fcntl
import os
import tempfile

from harness.machine import kernel


def nameless_file(name: str) -> int:
    """The descriptor of one, in memory where the system has such files: what processes write is appended, and whole.

    `name`: what a list of open files calls it.
    """
    if kernel.FILES_IN_MEMORY:
        descriptor = os.memfd_create(name)
    else:
        with tempfile.TemporaryFile(prefix=f"{name}-") as file:
            descriptor = os.dup(file.fileno())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    return descriptor
