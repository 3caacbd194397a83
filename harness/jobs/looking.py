"""Looks at one side of a job in a child process of its own: what the user's code does there ends with it.

`python -m MODULE SPEC CALLS RESULT`: the file of a `JobSpec`, how many payloads to try, the file for what was found.
"""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.errors import UsageError
from harness.jobs.differences import NotJson, plain
from harness.jobs.importing import explained, still_at
from harness.jobs.network import HOW, refused
from harness.jobs.spec import Called, JobSpec, Looked, read, written
from harness.jobs.text import cut

CALLS_MOST_S = 5.0
"""No further payload is tried once they have taken so long."""
PAYLOADS_LOOKED_AT = 1000
LOOK_MOST_S = 40.0
"""For imports, or for the calls, of a side."""
END_S = 2.0
"""For its process to end afterwards."""


def answer(look: Callable[[JobSpec, int], Looked]) -> None:
    """What a child's `main` does."""
    faulthandler.enable()  # the last lines of a process that a library has crashed say where
    faulthandler.dump_traceback_later(LOOK_MOST_S + END_S, exit=True)  # where not even a thread goes on
    spec_file, calls, result = sys.argv[1:]
    spec = read(Path(spec_file).read_bytes(), JobSpec)
    timer = threading.Timer(LOOK_MOST_S, _give_up, (spec, threading.get_ident(), Path(result)))
    timer.daemon = True
    timer.start()
    here, parent = Path.cwd(), os.getpid()
    looked = looked_at(look, spec, int(calls))
    if os.getpid() != parent:  # the job has forked, and this is the copy
        os._exit(0)
    os.chdir(here)
    _write(looked, Path(result))
    _end_soon()


def _write(looked: Looked, result: Path) -> None:
    """Whole, or not at all."""
    part = result.with_suffix(".part")
    part.write_bytes(written(looked))
    part.replace(result)


def _end_soon() -> None:
    """Whatever the job has started may keep the process from ending: threads, or functions that are called at exit."""
    timer = threading.Timer(END_S, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _give_up(spec: JobSpec, thread: int, result: Path) -> None:
    """Say where it stands, and end: it may wait for ever, in an import or in a call."""
    where = still_at(thread, f"it has not gone on from here after {LOOK_MOST_S:g} s")
    _write(Looked(fault=f"{spec.given}: {where}"), result)
    os._exit(1)


def looked_at(look: Callable[[JobSpec, int], Looked], spec: JobSpec, calls: int) -> Looked:
    """What was found, or what is wrong."""
    before = len(refused())
    try:
        with explained(spec.given):
            looked = look(spec, calls)
    except UsageError as error:
        return Looked(fault=str(error))
    if remote := refused()[before:]:
        return Looked(fault=f"{spec.given}: it calls {', '.join(remote[:3])}, which is not this machine: {HOW}.")
    return looked


def as_called(number: int, payload: Any, reply: Any, took_s: float, who: str) -> Called:
    """A call that returned; raises UsageError unless the reply is JSON."""
    try:
        return Called(number=number, payload=payload, reply=plain(reply), took_s=took_s)
    except NotJson as error:
        raise UsageError(
            f"payload {number}: the reply of {who} is not JSON: {error}.\n"
            f"    it replied  {cut(reply)}\n"
            "Both sides' replies are compared as JSON: return numbers, texts, lists, dicts, dates, or models of these."
        ) from error


def hosts_in(payloads: Iterable[Any]) -> list[str]:
    """Hosts of the URLs in payloads."""
    hosts: dict[str, None] = {}
    for payload in payloads:
        for text in _texts(payload):
            if "://" in text and (host := _host(text)):
                hosts[host] = None
    return list(hosts)


def _host(text: str) -> str | None:
    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
