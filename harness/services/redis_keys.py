"""The keys of runs on a Redis: removed by name or by prefix, and swept where their run was killed.

What is here blocks, and raises what redis-py raises.
"""

import re
import time
from collections.abc import Iterable
from typing import Any

import msgspec

from harness.machine.lifetime import is_dead, owner

RUNS = "workbench:runs"
"""A hash: prefix of a run's keys → the process that made them. It is there as long as one of them is."""
PREFIX = re.compile(r"workbench:.{1,255}:[0-9a-f]{6}:")
"""Of a run's keys (see `harness.session.services`): whoever can write `RUNS` shall have no others removed."""
KEYS_A_SCAN = 1000
LONGEST_RUN_S = 9 * 86_400.0
"""A run of another machine, which cannot be asked whether it lives, is taken for dead after so long without a word."""
STREAMS = ("{}", "streaq:{}:queues:normal")
"""Queues that are streams: they are emptied, because a worker that reads one would find its consumer group gone."""
OF_KOMBU = ("_kombu.binding.", "_kombu.binding_permanent.")
UNACKNOWLEDGED = "unacked"
"""Of all queues below a prefix."""
PRIORITIES = ("", *(f"\x06\x16{step}" for step in (3, 6, 9)))
"""What kombu adds to the names of queues, by the messages' priority."""


class Entry(msgspec.Struct, frozen=True):
    """Whose keys they are."""

    owner: str
    at_s: float
    """Wall clock of its machine when it last said so."""


def enter(asking: Any, prefix: str) -> None:
    """Say that this process has, or still has, keys below a prefix."""
    asking.hset(RUNS, prefix, msgspec.json.encode(Entry(owner(), time.time())))


def leave(asking: Any, prefix: str) -> None:
    """It has none any more."""
    asking.hdel(RUNS, prefix)


def dead_runs(asking: Any) -> list[str]:
    """The prefixes of runs that were killed."""
    names = {name.decode(errors="replace"): entry for name, entry in asking.hgetall(RUNS).items()}
    return [name for name, entry in names.items() if PREFIX.fullmatch(name) and _is_dead(entry)]


def _is_dead(stored: bytes) -> bool:
    try:
        entry = msgspec.json.decode(stored, type=Entry)
    except msgspec.MsgspecError:
        return False
    return is_dead(entry.owner) or time.time() - entry.at_s > LONGEST_RUN_S


def sweep(asking: Any) -> list[str]:
    """Remove what runs left that were killed; returns their prefixes. All keys are looked at only if there is one."""
    prefixes = dead_runs(asking)
    if prefixes:
        remove_below(asking, prefixes)
        for prefix in prefixes:
            leave(asking, prefix)
    return prefixes


def remove_below(asking: Any, prefixes: Iterable[str]) -> int:
    """Delete the keys that begin with one of these, and no others; returns how many. It looks at all keys there are."""
    removed = 0
    for prefix in prefixes:
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + "*"
        batch: list[bytes] = []
        for key in asking.scan_iter(match=pattern, count=KEYS_A_SCAN):
            batch.append(key)
            if len(batch) >= KEYS_A_SCAN:
                removed += int(asking.unlink(*batch))
                batch.clear()
        removed += int(asking.unlink(*batch)) if batch else 0
    return removed


def state_of(asking: Any, key_prefix: str, name: str) -> tuple[bool, int]:
    """Whether kombu knows a queue, and how many of its messages wait or were taken and not acknowledged."""
    with asking.pipeline(transaction=True) as together:
        together.exists(f"{key_prefix}{OF_KOMBU[0]}{name}")
        together.hlen(f"{key_prefix}{UNACKNOWLEDGED}")
        for priority in PRIORITIES:
            together.llen(f"{key_prefix}{name}{priority}")
        bound, *waiting = together.execute()
    return bool(bound), sum(waiting)


def waiting(asking: Any, key_prefix: str, name: str) -> int:
    """How many messages lie in a queue, of all priorities."""
    with asking.pipeline(transaction=False) as together:
        for priority in PRIORITIES:
            together.llen(f"{key_prefix}{name}{priority}")
        return sum(together.execute())


def remove_queue(asking: Any, key_prefix: str, name: str) -> None:
    """Delete a queue with what kombu keeps of it, by name; empty it where it is a stream."""
    names = [f"{name}{priority}" for priority in PRIORITIES] + [f"{before}{name}" for before in OF_KOMBU]
    streams = [key for pattern in STREAMS if asking.type(key := pattern.format(key_prefix + name)) == b"stream"]
    for key in streams:
        asking.xtrim(key, maxlen=0, approximate=False)
    asking.unlink(*(key for each in names if (key := key_prefix + each) not in streams))
