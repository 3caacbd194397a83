"""The kept-alive HTTP client of a worker process, with a time limit for the whole answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import urllib3
from urllib3 import exceptions

from celery_side.process import Shared, slots
from workloads.promises import ANSWER_S, CONNECT_S, MOST_REDIRECTS

PIECE = 2**16
REDIRECTS_ALONE = urllib3.Retry(total=None, connect=False, read=False, other=0, redirect=MOST_REDIRECTS)
"""Redirects are followed, as aiohttp and requests do; whether to ask again is the task's business."""
BROKEN = (exceptions.TimeoutError, exceptions.NewConnectionError, exceptions.ProtocolError, exceptions.DecodeError)
"""What urllib3 raises where no whole answer arrives."""


class RequestFailed(Exception):
    """A request came to nothing.

    The arguments of these exceptions are all that they are made of, because a result backend stores type and arguments
    of an exception, and makes it again from them.
    """

    def __init__(self, method: str, url: str, reason: str) -> None:
        super().__init__(method, url, reason)
        self.reason = reason

    def __str__(self) -> str:
        """`GET URL: reason`."""
        method, url, reason = self.args
        return f"{method} {url}: {reason}"


class StatusError(RequestFailed):
    """The service answered that it could or would not."""

    def __init__(self, method: str, url: str, status: int) -> None:
        Exception.__init__(self, method, url, status)
        self.status = status

    def __str__(self) -> str:
        """`GET URL: status 503`."""
        method, url, status = self.args
        return f"{method} {url}: status {status}"


class NoAnswer(RequestFailed):
    """No connection, no whole answer within the time limit, or one that broke off."""


class BadAnswer(RequestFailed):
    """The service answered with something that is not JSON."""


def _pool_manager() -> urllib3.PoolManager:
    """Threads and greenlets may share it. Each slot has a connection: no task waits for another one's."""
    return urllib3.PoolManager(
        maxsize=slots(), retries=REDIRECTS_ALONE, headers=urllib3.make_headers(accept_encoding="gzip, deflate")
    )


pool_manager = Shared(_pool_manager, urllib3.PoolManager.clear)


class Answer:
    """An answer of which the status and the headers have arrived; the body is read within what is left of the limit."""

    def __init__(self, reply: urllib3.BaseHTTPResponse, end_s: float) -> None:
        self._reply = reply
        self._end_s = end_s
        self.status = reply.status
        self.headers = reply.headers

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives. A time limit of urllib3 is one for each wait; here they add up."""
        while piece := self._reply.read1(PIECE):
            yield piece
            left_s = self._end_s - monotonic()
            if left_s <= 0:
                raise exceptions.TimeoutError("the answer took too long")
            if (connected := getattr(self._reply.connection, "sock", None)) is not None:
                connected.settimeout(left_s)

    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.pieces())


@contextmanager
def answer_to(method: str, url: str, *, limit_s: float = ANSWER_S, **options: Any) -> Iterator[Answer]:
    """The answer; `options` are urllib3's.

    Raises StatusError for a status from 400 on, NoAnswer where no whole answer came within `limit_s` seconds, and
    RequestFailed for what cannot be requested at all, such as a URL without a host.
    """
    timeout = urllib3.Timeout(connect=min(CONNECT_S, limit_s), total=limit_s)
    end_s = monotonic() + limit_s
    try:
        reply = pool_manager.get().request(method, url, timeout=timeout, preload_content=False, **options)
        answer = Answer(reply, end_s)
        try:
            if reply.status >= 400:
                answer.body()  # read to its end, its connection serves others
                raise StatusError(method, url, reply.status)
            yield answer
        except BaseException:
            reply.close()  # half read, its connection serves nobody else
            raise
        reply.release_conn()
    except exceptions.HTTPError as error:
        kind = NoAnswer if isinstance(error, BROKEN) else RequestFailed
        raise kind(method, url, f"{type(error).__name__}: {error}") from error


def get_json(url: str, limit_s: float = ANSWER_S) -> Any:
    """The JSON that lies at `url`; raises what `answer_to` does, and BadAnswer."""
    with answer_to("GET", url, limit_s=limit_s) as answer:
        body = answer.body()
    try:
        return json.loads(body)
    except ValueError as error:
        raise BadAnswer("GET", url, str(error)) from error
