"""A TCP proxy before Redis, which holds up each request that is published: once, by what is planted."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable

from benchmarks.planted.plants import strike

PUBLISHED = re.compile(rb"LPUSH\r\n\$\d+\r\n([^\r]+)\r\n")
"""A command and the list that it is about."""
CHUNK = 1 << 16


class Proxy:
    """Threads that copy bytes both ways; a thread waits more exactly than an event loop."""

    def __init__(self, host: str, port: int, place: str, is_queue: Callable[[bytes], bool]) -> None:
        """`place`: what is planted when it holds up; `is_queue`: whether requests are published on that list."""
        self._target = (host, port)
        self._place = place
        self._is_queue = is_queue
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listening.getsockname()[1])

    def __enter__(self) -> "Proxy":
        """Take connections until the end."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End all."""
        for each in (self._listening, *self._connections):
            with contextlib.suppress(OSError):  # it has ended
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it is over
            while True:
                inner, _ = self._listening.accept()
                outer = socket.create_connection(self._target)
                for each in (inner, outer):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections += [inner, outer]
                threading.Thread(target=self._copy, args=(inner, outer, self._hold), daemon=True).start()
                threading.Thread(target=self._copy, args=(outer, inner, None), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, hold: Callable[[bytes], None] | None) -> None:
        with contextlib.suppress(OSError):  # one side has gone
            while chunk := source.recv(CHUNK):
                if hold is not None:
                    hold(chunk)
                target.sendall(chunk)
        for each in (source, target):
            with contextlib.suppress(OSError):  # it has ended
                each.shutdown(socket.SHUT_RDWR)

    def _hold(self, chunk: bytes) -> None:
        published = sum(self._is_queue(name) for name in PUBLISHED.findall(chunk))
        for _ in range(published):
            strike(self._place)
