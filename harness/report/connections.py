"""What holds for every connection to `workbench serve`: whom it answers, with which headers, and up to which limits.

A page in a browser may ask any address for anything, and a name that its owner points at this machine makes the answer
the page's own (DNS rebinding). So only addresses, `localhost` and names that were allowed are answered.
"""

import asyncio
import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from harness.errors import UsageError

STRICTEST = "default-src 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": f"{STRICTEST}; frame-ancestors 'none'",
}
CONNECTIONS_MOST = 256
SENDING_MOST = 16
"""Pages that are made or sent at once: each has about a megabyte."""
SEND_S = 20.0
"""A client that has not read its page by then is cut off."""
IDLE_S = 15.0
HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[^\s:\[\]/@]{1,253})(:[0-9]{1,5})?", re.IGNORECASE)
NAME = re.compile(r"[\w.-]{1,253}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
logger = logging.getLogger(__name__)


class Connections:
    """The middleware, and what makes connections; `names` are host names that may be asked for."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = {"localhost", *(name.lower().rstrip(".") for name in names)}
        self._sending = asyncio.Semaphore(SENDING_MOST)

    @property
    def middleware(self) -> Any:
        """Around every handler."""

        @web.middleware
        async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                async with self._sending if _is_page(request) else asyncio.timeout(None):
                    response = await self._response(request, handler)
                    return response if response.prepared else await _sent(request, response)
            except ConnectionError:  # the tab was closed meanwhile
                return web.Response()

        return answered

    async def _response(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What the handler answers, or an error in words; with all headers."""
        try:
            if not self.answers(request.headers.getall("Host", [])):
                raise web.HTTPMisdirectedRequest(
                    text="this server does not go by that name; to allow it: workbench serve --allow-host NAME"
                )
            response = await handler(request)
        except web.HTTPException as error:
            response = web.Response(status=error.status, text=error.text)
        except UsageError as error:
            response = web.Response(status=404, text=str(error))
        if not response.prepared:
            response.headers.update(HEADERS | dict(response.headers))
        return response

    def answers(self, hosts: list[str]) -> bool:
        """Whether a request with these Host headers is for this server."""
        match = HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return False
        name = match["name"].lower().rstrip(".")
        return name in self._names or _is_address(name.strip("[]"))


def check_names(names: Collection[str]) -> None:
    """Raise UsageError for one that no Host header has, such as a whole URL."""
    for name in names:
        if NAME.fullmatch(name) is None and not _is_address(name.strip("[]")):
            raise UsageError(f"--allow-host {name!r}: expected the name of a host, such as bench.example.org.")


def _is_page(request: web.Request) -> bool:
    """Whether the answer ends: events go on as long as the run."""
    return not request.path.endswith("/events")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


async def _sent(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send it, as long as the client reads."""
    try:
        async with asyncio.timeout(SEND_S):
            await response.prepare(request)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response


class _Connection(RequestHandler):
    """Answers what is no HTTP with the same headers, and without a traceback."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """In place of aiohttp's, which quotes what it was sent; a page that cannot be made is one line in the log."""
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.warning("%s could not be shown: %s: %s", request.path, type(exc).__name__, exc)
        response = web.Response(status=status, text=f"{status}: {HTTPStatus(status).phrase}", headers=HEADERS)
        response.force_close()
        return response


class _Full(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it."""
        if isinstance(transport, asyncio.Transport):
            transport.abort()


def connection_of(runner: web.AppRunner) -> asyncio.BaseProtocol:
    """A new connection to that application."""
    server = runner.server
    if server is None or len(server.connections) >= CONNECTIONS_MOST:
        return _Full()
    return _Connection(
        server,
        loop=asyncio.get_running_loop(),
        keepalive_timeout=IDLE_S,
        lingering_time=0,
    )
