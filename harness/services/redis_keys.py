"""The keys of runs on a Redis: removed by name, and swept where their run was killed. No other keys are looked at.

What is here blocks, and raises what redis-py raises.
"""

import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from harness.machine.lifetime import is_dead, owner
from harness.services.brokers.broker import EXTERNAL_PREFIX

RUNS = "workbench:runs"
"""A hash: prefix of a run's keys → the process that made them. It is there as long as one of them is."""
PREFIX = re.compile(r"workbench:.{1,255}:[0-9a-f]{6}:")
"""Of a run's keys (see `harness.session.services`): whoever can write `RUNS` shall have no others removed."""
KEYS_AT_ONCE = 1000
LONGEST_RUN_S = 9 * 86_400.0
"""A run of another machine, which cannot be asked whether it lives, is taken for dead after so long without a word."""
STREAMS = ("{}", "streaq:{}:queues:normal")
"""Queues that are streams: they are emptied, because a worker that reads one would find its consumer group gone."""
OF_KOMBU = ("_kombu.binding.", "_kombu.binding_permanent.")
UNACKNOWLEDGED = "unacked"
"""Of all queues below a prefix."""
HELD_APART = ".unacked"
"""Behind a queue's name: of its workers alone, whose visibility timeout is not the usual one."""
INDEX, MUTEX = "_index", "_mutex"
"""Behind either name: when each message was taken, and who looks for those to be given out again."""
DEADLINES = "_kombu.binding_deadlines"
"""In which kombu notes its exchanges whose queues expire."""
EXCHANGES = ("celery.pidbox", "reply.celery.pidbox", "celeryev", "celery")
"""Of Celery's own."""
WAITING = "workbench-waiting"
"""The exchange of the queues on which workers and drivers wait."""
OF_WAITING = re.compile(r"(?:idle|driver):(.+)|(.+)\.celery\.pidbox")
"""Queues of a worker or a driver that waits → its name."""
REPLIES = ".replies"
"""Behind a queue's name: a set of the lists on which its clients get replies."""
SEPARATOR = "\x06\x16"
"""Of kombu, between the parts of a name."""
PRIORITIES = ("", *(f"{SEPARATOR}{step}" for step in (3, 6, 9)))
"""What kombu adds to the names of queues, by the messages' priority."""


class Entry(msgspec.Struct, frozen=True):
    """Whose keys they are."""

    owner: str
    at_s: float
    """Wall clock of its machine when it last said so."""
    queues: list[str] = []
    """Those that it has there."""


def enter(asking: Any, prefix: str, queues: Iterable[str] = ()) -> None:
    """Say that this process has, or still has, keys below a prefix, and which queues."""
    asking.hset(RUNS, prefix, msgspec.json.encode(Entry(owner(), time.time(), sorted(queues))))


def leave(asking: Any, prefix: str) -> None:
    """It has none any more."""
    asking.hdel(RUNS, prefix)


def dead_runs(asking: Any) -> dict[str, Entry]:
    """The prefixes of runs that were killed, and what they had there."""
    return {name: entry for name, entry in _entries(asking) if PREFIX.fullmatch(name) and _is_dead(entry)}


def _entries(asking: Any) -> Iterator[tuple[str, Entry]]:
    for name, stored in asking.hgetall(RUNS).items():
        try:
            yield name.decode(errors="replace"), msgspec.json.decode(stored, type=Entry)
        except msgspec.MsgspecError:  # of another version, or somebody else's
            continue


def _is_dead(entry: Entry) -> bool:
    return is_dead(entry.owner) or time.time() - entry.at_s > LONGEST_RUN_S


def sweep(asking: Any) -> list[str]:
    """Remove what runs left that were killed; returns their prefixes. Results are left to expire."""
    dead = dead_runs(asking)
    for prefix, entry in dead.items():
        remove_run(asking, prefix, entry.queues)
    return sorted(dead)


def remove_run(asking: Any, prefix: str, queues: Iterable[str]) -> None:
    """Remove all that a run has below its prefix, but for results, and that it has any.

    Where it shares workers, its queues are named like the prefix, below what all who share them have in common.
    """
    for queue in queues:
        shared = f"{EXTERNAL_PREFIX}{queue}".startswith(prefix)
        remove_queue(asking, EXTERNAL_PREFIX if shared else prefix, queue)
    _remove_kombus(asking, prefix)
    leave(asking, prefix)


def _remove_kombus(asking: Any, prefix: str) -> None:
    """What kombu keeps below a prefix: it notes itself which exchanges, and which queues are bound to them."""
    exchanges = {*EXCHANGES, *(name.decode() for name in asking.zrange(prefix + DEADLINES, 0, -1))}
    tables = [f"{prefix}{before}{exchange}" for before in OF_KOMBU for exchange in sorted(exchanges)]
    bound = {queue for table in tables for queue in _bound(asking, table).values()}
    lists = [f"{prefix}{queue}{priority}" for queue in sorted(bound) for priority in PRIORITIES]
    held = [name for kept in held_of(prefix, *sorted(bound)) for name in (kept, kept + INDEX, kept + MUTEX)]
    names = [*tables, *lists, *held, prefix + DEADLINES]
    for begin in range(0, len(names), KEYS_AT_ONCE):
        asking.unlink(*names[begin : begin + KEYS_AT_ONCE])


def held_of(prefix: str, *queues: str) -> list[str]:
    """The hashes of what workers of these queues have taken and not acknowledged: delivery tag → message."""
    return [prefix + UNACKNOWLEDGED, *(f"{prefix}{queue}{HELD_APART}" for queue in queues)]


def _bound(asking: Any, table: str) -> dict[bytes, str]:
    """What is bound to an exchange: member of its table → queue."""
    return {member: member.decode(errors="replace").rpartition(SEPARATOR)[2] for member in asking.smembers(table)}


def forget_waiting(asking: Any, there: Iterable[str]) -> list[str]:
    """Remove what is left of workers and drivers that wait, but for these; returns the names of those that have gone.

    One that lives and does not answer, because it is busy, lacks nothing: who sends to its queue binds it again.
    """
    names, gone = set(there), set[str]()
    for exchange in (WAITING, *EXCHANGES[:1]):
        tables = [f"{EXTERNAL_PREFIX}{before}{exchange}" for before in OF_KOMBU]
        bound = {member: queue for table in tables for member, queue in _bound(asking, table).items()}
        left = {member: name for member, queue in bound.items() if (name := _who_waited(queue)) not in {*names, None}}
        if left:
            gone.update(filter(None, left.values()))
            with asking.pipeline(transaction=False) as together:
                for table in tables:
                    together.srem(table, *left)
                together.execute()
    if not names:
        forget_shared(asking)
    return sorted(gone)


def forget_shared(asking: Any) -> None:
    """Remove what kombu keeps for all that share workers and drivers, unless there is a run, or one that waits."""
    if not asking.exists(RUNS, f"{EXTERNAL_PREFIX}{OF_KOMBU[0]}{WAITING}"):
        _remove_kombus(asking, EXTERNAL_PREFIX)


def _who_waited(queue: str) -> str | None:
    found = OF_WAITING.fullmatch(queue)
    return found[1] or found[2] if found is not None else None


def literally(prefix: str) -> str:
    """As a pattern that only it fits."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", prefix)


def remove_below(asking: Any, prefix: str) -> int:
    """Delete the keys that begin so; returns how many. It looks at all keys there are: on a server of the run's own."""
    removed = 0
    pattern = f"{literally(prefix)}*"
    batch: list[bytes] = []
    for key in asking.scan_iter(match=pattern, count=KEYS_AT_ONCE):
        batch.append(key)
        if len(batch) >= KEYS_AT_ONCE:
            removed += int(asking.unlink(*batch))
            batch.clear()
    return removed + (int(asking.unlink(*batch)) if batch else 0)


def state_of(asking: Any, key_prefix: str, name: str) -> tuple[bool, int]:
    """Whether kombu knows a queue, and how many of its messages wait or were taken and not acknowledged."""
    with asking.pipeline(transaction=True) as together:
        together.exists(f"{key_prefix}{OF_KOMBU[0]}{name}")
        for held in held_of(key_prefix, name):
            together.hlen(held)
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
    """Delete a queue with what kombu keeps of it and its lists of replies, by name; empty it where it is a stream."""
    names = [f"{name}{priority}" for priority in PRIORITIES] + [f"{before}{name}" for before in OF_KOMBU]
    names += [f"{name}{HELD_APART}{end}" for end in ("", INDEX, MUTEX)]
    known = f"{key_prefix}{name}{REPLIES}"
    asking.unlink(known, *(each for each in asking.smembers(known) if each.startswith(f"{known}.".encode())))
    streams = [key for pattern in STREAMS if asking.type(key := pattern.format(key_prefix + name)) == b"stream"]
    for key in streams:
        asking.xtrim(key, maxlen=0, approximate=False)
    asking.unlink(*(key for each in names if (key := key_prefix + each) not in streams))
    asking.zrem(key_prefix + DEADLINES, name)  # its exchange is named like it
