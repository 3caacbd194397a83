"""The two connections to Redis: one that pushes messages, one on which results arrive."""

import asyncio
import contextlib
import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from socket import socket
from typing import Any

import hiredis
import msgspec
from kombu.exceptions import OperationalError
from redis import RedisError

from harness.contenders.celery.lean.batch import Batch
from harness.contenders.celery.lean.line import Line

NOTHING = object()
OF_KOMBU = b"__type__"
"""In JSON that stands for a value of another type."""
KEYS_AT_ONCE = 1000
REPLIES_S = 0.005
"""After so long at the latest, what Redis says of messages is looked at."""
log = logging.getLogger(__name__)


def command(*words: bytes) -> bytes:
    """As Redis takes it."""
    return b"*%d\r\n" % len(words) + b"".join([b"$%d\r\n%s\r\n" % (len(word), word) for word in words])


class RedisLine(Line):
    """Takes over a connection of redis-py's, with its user, database and TLS."""

    errors = (RedisError, OSError)

    def __init__(self, pool: Any, on_up: Callable[[], None]) -> None:
        super().__init__(on_up)
        self._pool = pool
        self._connection: Any = None
        self._reader = hiredis.Reader(notEnoughData=NOTHING)

    def _connect(self) -> socket:
        self._connection = self._pool.get_connection()
        connected: socket = self._connection._sock
        return connected

    def _disconnect(self) -> None:
        self._connection.disconnect()
        self._pool.release(self._connection)

    def _opened(self) -> None:
        self._reader = hiredis.Reader(notEnoughData=NOTHING)
        self._is_up()

    def _received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not NOTHING:
            self._replied(reply)

    def _replied(self, reply: Any) -> None:
        """Called with each reply; an error of the server's is one too."""
        raise NotImplementedError


class RedisPublisher(RedisLine):
    """Pushes each batch with one LPUSH, which leaves the list as one LPUSH a message does.

    What Redis replies is looked at a little later, together: to be woken for each reply costs as much as to send.
    """

    what = "publishing"
    is_woken = False

    def __init__(self, pool: Any, on_up: Callable[[], None]) -> None:
        super().__init__(pool, on_up)
        self._sent: deque[Batch] = deque()
        self._looking: asyncio.TimerHandle | None = None

    def send(self, key: bytes, batch: Batch) -> None:
        """Its publishing ends when the kernel has it; where Redis refuses it, each request of it has failed."""
        self._sent.append(batch)
        self._write(command(b"LPUSH", key, *batch.messages))
        if self.has_sent_all:
            batch.is_published()
        if self._looking is None:
            self._looking = self._loop.call_later(REPLIES_S, self._look)

    def _look(self) -> None:
        self._looking = None
        self._readable()
        if self._sent and self._looking is None:
            self._looking = self._loop.call_later(REPLIES_S, self._look)

    def _sent_all(self) -> None:
        for batch in self._sent:
            if not batch.published_ns:
                batch.is_published()

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
        super().close()

    def _replied(self, reply: Any) -> None:
        if isinstance(reply, hiredis.PushNotification):  # of the server's own, in newer protocols
            return
        batch = self._sent.popleft()
        if isinstance(reply, Exception):
            batch.has_failed(OperationalError(str(reply)))

    def _lost(self, error: Exception) -> None:
        """Nobody knows whether Redis has what was under way."""
        while self._sent:
            self._sent.popleft().has_failed(OperationalError(f"publishing was interrupted: {error}"))


class RedisResults(RedisLine):
    """All results of a trial on one connection, by a subscription to its pattern.

    A user of Redis whose rights name channels may not subscribe to a pattern: then to each result, in bulk.
    """

    what = "results"

    def __init__(
        self,
        backend: Any,
        trial: int,
        arrived: Callable[[str, Any], None],
        on_up: Callable[[], None],
    ) -> None:
        """`arrived` is called with a task's id and its result as it was stored."""
        super().__init__(backend.client.connection_pool, on_up)
        self._backend = backend
        self._arrived = arrived
        self._before: bytes = backend.get_key_for_task("0").removesuffix(b"0")
        self._pattern = re.sub(rb"([*?\[\]\\])", rb"\\\1", self._before) + b"%d.*" % trial
        self._is_json = backend.serializer == "json"
        self._each = False
        self._done: list[bytes] = []

    def decoded(self, stored: Any) -> Any:
        """The result metadata, as the backend reads it; where it is plain JSON, in a tenth of the time."""
        if self._is_json and stored.startswith(b"{") and OF_KOMBU not in stored:
            with contextlib.suppress(msgspec.DecodeError):  # such as NaN, which only Python takes for JSON
                return self._backend.meta_from_decoded(msgspec.json.decode(stored))
        return self._backend.decode_result(stored)

    def expect(self, ids: Iterable[str]) -> None:
        """Called before these are published."""
        if self._each:
            done, self._done = self._done, []
            text = command(b"UNSUBSCRIBE", *done) if done else b""
            self._write(text + command(b"SUBSCRIBE", *map(self._channel, ids)))

    def forget(self, task_id: str) -> None:
        """Called when nothing waits for it any more."""
        if self._each:
            self._done.append(self._channel(task_id))

    def stored(self, ids: Sequence[str]) -> list[tuple[str, Any]]:
        """Those of these results that are there already; blocks."""
        stored: list[tuple[str, Any]] = []
        for begin in range(0, len(ids), KEYS_AT_ONCE):
            some = ids[begin : begin + KEYS_AT_ONCE]
            values = self._backend.mget([self._channel(task_id) for task_id in some])
            stored += [(task_id, value) for task_id, value in zip(some, values, strict=True) if value is not None]
        return stored

    def _channel(self, task_id: str) -> bytes:
        """Also the key under which it is stored."""
        return self._before + task_id.encode()

    def _opened(self) -> None:
        self._reader = hiredis.Reader(notEnoughData=NOTHING)
        if self._each:
            self._is_up()
        else:
            self._write(command(b"PSUBSCRIBE", self._pattern))

    def _replied(self, reply: Any) -> None:
        if isinstance(reply, Exception):
            self._refused(reply)
        elif reply[0] in (b"pmessage", b"message"):
            *_, channel, stored = reply
            self._arrived(channel[len(self._before) :].decode(), stored)
        elif reply[0] == b"psubscribe":
            self._is_up()

    def _refused(self, error: Exception) -> None:
        if self.up:
            log.warning("Redis does not deliver results (%s): they are looked up now and then", error)
        else:
            self._each = True
            self._is_up()
