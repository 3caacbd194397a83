"""Removes what runs left behind that were killed: temporary folders, shared memory, and what they made on a broker.

On a broker where names are shared by all, what a run makes is noted in its temporary folder, without user or password,
and removed by whoever is given that broker next, on this machine. A Redis has a note of its own (`redis_keys`).
"""

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import msgspec

from harness.errors import ServiceError
from harness.machine.scratch import left_behind
from harness.services.brokers.broker import BrokerPlace, kind, kind_of
from harness.services.calls import ask_blocking
from harness.services.servers.postgres import remove_segment
from harness.services.url import Url

FILES = "boot-*/on-*.json"


class OnBroker(msgspec.Struct, frozen=True):
    """What a run makes on a broker that was given."""

    server: str
    """Its URL without user, password and options."""
    control: str
    queues: list[str]


def note(folder: Path, place: BrokerPlace, queues: Iterable[str]) -> None:
    """Write down, before it is made, what whoever comes next has to remove if this run is killed."""
    name = kind_of(place.url)
    if kind(name).names_are_shared:
        made = OnBroker(server_of(place.url), place.control, sorted(queues))
        (folder / f"on-{name}-{crc32(made.server.encode()):08x}.json").write_bytes(msgspec.json.encode(made))


def remove_leftovers(given: Iterable[Url] = ()) -> list[str]:
    """Remove them, on these brokers too; returns what was removed. It blocks; each broker has its deadline."""
    brokers = {server_of(url): url for url in given}
    said = []
    for folder in left_behind():
        for data in folder.glob("tmp/*/data"):
            remove_segment(data)
        for file in folder.glob(FILES):
            with contextlib.suppress(ServiceError, OSError, msgspec.MsgspecError):  # the next one tries again
                made = msgspec.json.decode(file.read_bytes(), type=OnBroker)
                if (url := brokers.get(made.server)) is not None:
                    _remove(url, made)
                    file.unlink()
                    said.append(f"what a killed run left on {made.server}")
        if not waiting_for(folder):
            shutil.rmtree(folder, ignore_errors=True)
            said.append(str(folder))
    return said


def waiting_for(folder: Path) -> list[str]:
    """The brokers on which the run of that folder has left something."""
    servers = []
    for file in folder.glob(FILES):
        with contextlib.suppress(OSError, msgspec.MsgspecError):  # being removed, or another version's
            servers.append(msgspec.json.decode(file.read_bytes(), type=OnBroker).server)
    return sorted(set(servers))


def server_of(url: Url) -> str:
    """Which broker a URL leads to, whoever asks."""
    return Url(kind_of(url), url.host, url.port, url.path).shown


def _remove(url: Url, made: OnBroker) -> None:
    broker_kind = kind(kind_of(url))
    ask_blocking(broker_kind.peer_of(url), broker_kind.remove_queues, url, made.control, made.queues)
