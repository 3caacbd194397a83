"""A connection in the event loop: nothing blocks, and it is opened again when it is lost."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import ClassVar

from harness.machine.threads import in_thread

READ_BYTES = 1 << 18
RETRY_S = 0.2
LATER = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
log = logging.getLogger(__name__)


class Line:
    """What the library's own client has connected (so that address, TLS and password are as with it), taken over."""

    what: str
    """For the log."""
    errors: ClassVar[tuple[type[Exception], ...]] = (OSError,)
    """What the library's client raises where there is no connection."""
    is_woken: ClassVar[bool] = True
    """Whether the event loop reads what arrives as soon as it does."""

    def __init__(self, on_up: Callable[[], None]) -> None:
        """`on_up` is called when it can be used, also after it was lost."""
        self._loop = asyncio.get_running_loop()
        self._on_up = on_up
        self._socket: socket | None = None
        self._unsent = bytearray()
        self._again: asyncio.Task[None] | None = None
        self._closed = False
        self.up = False
        """Whether it can be used."""

    def _connect(self) -> socket:
        """A new connection; blocks."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        """Give up the connection that `_connect` has made, broken or not."""
        raise NotImplementedError

    def _opened(self) -> None:
        """Called once it is connected; calls `_is_up`."""
        raise NotImplementedError

    def _received(self, data: bytes) -> None:
        """Called with what arrives."""
        raise NotImplementedError

    def _sent_all(self) -> None:
        """Called once nothing waits to be sent any more."""

    def _lost(self, error: Exception) -> None:
        """Called when the connection breaks."""

    def open(self) -> None:
        """Connect; blocks, and raises what the library's client raises."""
        self._take(self._connect())

    def close(self) -> None:
        """Give it up."""
        self._closed = True
        if self._again is not None:
            self._again.cancel()
        self._let_go()

    @property
    def has_sent_all(self) -> bool:
        """Whether the kernel has all that was written."""
        return not self._unsent

    def _is_up(self) -> None:
        self.up = True
        self._on_up()

    def _write(self, data: bytes) -> None:
        """Send it, now or as soon as the other end takes it."""
        if self._unsent:
            self._unsent += data
        elif self._socket is not None and (taken := self._send(self._socket, data)) < len(data):
            self._unsent += data[taken:]
            self._loop.add_writer(self._socket, self._writable, self._socket)

    def _send(self, connected: socket, data: bytes | bytearray) -> int:
        """How many bytes of it the kernel has taken."""
        try:
            return connected.send(data)
        except LATER:  # it takes none for now
            return 0
        except OSError as error:
            self._loop.call_soon(self._break, error)
            return len(data)

    def _writable(self, connected: socket) -> None:
        del self._unsent[: self._send(connected, self._unsent)]
        if not self._unsent:
            self._loop.remove_writer(connected)
            self._sent_all()

    def _readable(self) -> None:
        data = b"more"
        while data and self._socket is not None:
            try:
                data = self._socket.recv(READ_BYTES)
            except LATER:  # there is no more for now
                return
            except OSError as error:
                self._break(error)
                return
            if data:
                self._received(data)
            else:
                self._break(ConnectionError("the other end has closed it"))
            if len(data) < READ_BYTES and not isinstance(self._socket, ssl.SSLSocket):
                return

    def _take(self, connected: socket) -> None:
        self._socket = connected
        connected.setblocking(False)
        if self.is_woken:
            self._loop.add_reader(connected, self._readable)
        self._loop.call_soon(self._readable)  # TLS may hold what the kernel has no more
        self._opened()

    def _let_go(self) -> None:
        self.up = False
        self._unsent.clear()
        if self._socket is not None:
            for unwatch in (self._loop.remove_reader, self._loop.remove_writer):
                with suppress(ValueError):  # the library has closed it after an error of its own: nothing watches it
                    unwatch(self._socket)
            self._socket = None
            self._disconnect()

    def _break(self, error: Exception) -> None:
        """It is lost: open it again."""
        if self._socket is None:
            return
        self._let_go()
        self._lost(error)
        log.warning("Lost the connection for %s (%s); trying again every %g s", self.what, error, RETRY_S)
        self._again = self._loop.create_task(self._reopen())

    async def _reopen(self) -> None:
        while not self._closed:
            await asyncio.sleep(RETRY_S)
            try:
                connected = await in_thread(self._connect)
            except self.errors as error:
                log.debug("Still no connection for %s: %s", self.what, error)
            else:
                log.warning("There is a connection for %s again", self.what)
                self._take(connected)
                return
