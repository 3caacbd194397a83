"""While modules are imported, no garbage is looked for: to search what stays takes a tenth to a third of the CPU."""

import contextlib
import gc
from collections.abc import Iterator

SELDOM = 50_000
"""Objects made until it looks for garbage among them; Python's own number is 700."""


def collect_seldom() -> None:
    """For the rest of this process."""
    gc.set_threshold(SELDOM)


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Then as ever, unless what was imported says otherwise; what was made meanwhile is looked through once."""
    usual = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        if gc.get_threshold()[0] == SELDOM:
            gc.set_threshold(*usual)
        gc.collect()
