"""The HTTP client of a worker process, which keeps connections alive and limits the time of the whole answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import urllib3
from urllib3 import exceptions

from celery_side.process import Shared, slots
from workloads.promises import ANSWER_S, CONNECT_S, MOST_REDIRECTS, retry_after_s

PIECE = 2**16
REDIRECTS_ALONE = urllib3.Retry(total=None, connect=False, read=False, other=0, redirect=MOST_REDIRECTS)
"""Follow redirects, as aiohttp and requests do, but retry nothing: that is left to the task."""
BROKEN = (exceptions.TimeoutError, exceptions.NewConnectionError, exceptions.ProtocolError, exceptions.DecodeError)
"""What urllib3 raises if no complete answer arrives."""


class RequestFailed(Exception):
    """A request failed.

    These exceptions pass all their arguments to `Exception`, because a result backend stores the type and `args` of an
    exception, and recreates it from them.
    """

    def __init__(self, method: str, url: str, reason: str) -> None:
        super().__init__(method, url, reason)
        self.reason = reason

    def __str__(self) -> str:
        """`GET URL: reason`."""
        method, url, *_ = self.args
        return f"{method} {url}: {self.reason}"


class StatusError(RequestFailed):
    """The service answered with a status of 400 or above."""

    def __init__(self, method: str, url: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(method, url, f"status {status}")
        self.args = method, url, status, retry_after_s
        self.status = status
        self.retry_after_s = retry_after_s


class NoAnswer(RequestFailed):
    """No connection, no complete answer within the time limit, or an answer that broke off."""


class BadAnswer(RequestFailed):
    """The service answered with something that is not JSON."""


def _pool_manager() -> urllib3.PoolManager:
    """A client that threads and greenlets can share, with one connection per slot, so that no task waits for one."""
    return urllib3.PoolManager(
        maxsize=slots(), retries=REDIRECTS_ALONE, headers=urllib3.make_headers(accept_encoding="gzip, deflate")
    )


pool_manager = Shared(_pool_manager, urllib3.PoolManager.clear)


class Answer:
    """An answer whose status and headers have arrived; its body must be read within the rest of the time limit."""

    def __init__(self, reply: urllib3.BaseHTTPResponse, end_s: float) -> None:
        self._reply = reply
        self._end_s = end_s
        self.status = reply.status
        self.headers = reply.headers

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives. urllib3 limits each read; this limits their sum."""
        while piece := self._reply.read1(PIECE):
            yield piece
            left_s = self._end_s - monotonic()
            if left_s <= 0:
                raise exceptions.TimeoutError("the answer took too long")
            if (connected := getattr(self._reply.connection, "sock", None)) is not None:
                connected.settimeout(left_s)

    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces())


@contextmanager
def answer_to(method: str, url: str, *, limit_s: float = ANSWER_S, **options: Any) -> Iterator[Answer]:
    """The answer to a request; `options` are passed to urllib3.

    Raises StatusError for a status of 400 or above, NoAnswer if no complete answer arrives within `limit_s` seconds,
    and RequestFailed for what cannot be requested at all, such as a URL without a host.
    """
    timeout = urllib3.Timeout(connect=min(CONNECT_S, limit_s), total=limit_s)
    end_s = monotonic() + limit_s
    try:
        reply = pool_manager.get().request(method, url, timeout=timeout, preload_content=False, **options)
        answer = Answer(reply, end_s)
        try:
            if reply.status >= 400:
                answer.body()  # once it is read, its connection can be reused
                raise StatusError(method, url, reply.status, retry_after_s(reply.headers.get("Retry-After")))
            yield answer
        except BaseException:
            reply.close()  # a partly read answer: its connection cannot be reused
            raise
        reply.release_conn()
    except exceptions.HTTPError as error:
        kind = NoAnswer if isinstance(error, BROKEN) else RequestFailed
        raise kind(method, url, f"{type(error).__name__}: {error}") from error


def get_json(url: str, limit_s: float = ANSWER_S) -> Any:
    """The parsed JSON at `url`; raises what `answer_to` raises, and BadAnswer if it is not JSON."""
    with answer_to("GET", url, limit_s=limit_s) as answer:
        body = answer.body()
    try:
        return json.loads(body)
    except ValueError as error:
        raise BadAnswer("GET", url, str(error)) from error
