"""`python -I -S guard.py GUARD PARENT_PID COMMAND …`: the guard of a run, on a system without parent-death signals."""

import ctypes
import runpy
import sys
from typing import Any

found = ctypes.CDLL.__getattr__


def find(self: ctypes.CDLL, name: str) -> Any:
    """Without prctl."""
    if name == "prctl":
        raise AttributeError(name)
    return found(self, name)


ctypes.CDLL.__getattr__ = find  # type: ignore[method-assign]
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
