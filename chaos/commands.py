"""What somebody else may execute on the Redis of a run."""

import contextlib
from collections.abc import Iterator

import psutil
import redis

from chaos.case import Command

CLIENTS = ("normal", "pubsub")


@contextlib.contextmanager
def client_of(server: psutil.Process) -> Iterator[redis.Redis]:
    """Of a server on this machine, by the port in its title (`redis-server 127.0.0.1:PORT`)."""
    port = " ".join(server.cmdline()).rpartition(":")[2].split()[0]
    with redis.Redis(port=int(port), socket_timeout=5.0) as client:
        yield client


def execute(client: redis.Redis, command: Command) -> None:
    """Execute it."""
    if command == "FLUSHALL":
        client.flushall()
    elif command == "FLUSHDB":
        client.flushdb()
    elif command == "CLIENT KILL":
        for kind in CLIENTS:
            client.client_kill_filter(_type=kind, skipme=True)
    else:
        for key in client.scan_iter(_type="list"):  # queues are lists
            client.delete(key)
