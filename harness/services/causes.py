"""Why something outside this process did not do what it was asked for: the libraries' exceptions in the user's words.

An exception is known by the names of its classes, so that no library is imported for it. What one library wraps in an
exception of its own is known by its text.
"""

import re
import traceback
from collections.abc import Iterator
from typing import NamedTuple

from harness.services.url import Url

ERROR_CHARACTERS = 200
PIPELINED = re.compile(r"^Command # \d+ \(.*?\) of pipeline caused error: ")
"""What redis-py puts before a server's text."""


class Peer(NamedTuple):
    """Whom a call asks: a service, as messages name it."""

    shown: str
    """Such as `the broker redis://HOST:6379/0`; never with a secret."""
    software: str
    """What is expected there."""
    urls: tuple[Url, ...] = ()
    """Whose secrets a library's text may quote."""
    credentials: str = ""
    """How its URL is written with a user and a password."""
    otherwise: str = ""
    """What else can be done, as a whole sentence."""


class Cause(NamedTuple):
    """One kind of failure."""

    says: str
    """With `{text}` for the library's own, `{limit}` in seconds, and the fields of `Peer`."""
    names: frozenset[str] = frozenset()
    """Of exceptions' classes, with their packages."""
    pattern: str = ""
    """In the exception's text."""
    broad: frozenset[str] = frozenset()
    """Classes of many causes, which are this one where the text says nothing else."""


def _of(package: str, names: str) -> set[str]:
    return {f"{package}.{name}" for name in names.split()}


SILENT = Cause(
    "did not answer within {limit:g} s. Is it overloaded or stopped, or the address wrong?",
    frozenset({"TimeoutError", "urllib3.TimeoutError", "redis.TimeoutError", "psycopg.ConnectionTimeout"}),
    r"timed out|timeout expired",
)
REFUSED = Cause(
    "could not be reached: {text}. Is {software} running there?{otherwise}",
    frozenset(
        {"ConnectionRefusedError", "FileNotFoundError", "socket.gaierror", "urllib3.NewConnectionError"}
        | {"urllib3.NameResolutionError", "aiohttp.ClientConnectorError"}
    ),
    r"[Cc]onnection refused|Name or service not known|name resolution|[Nn]o route to host|unreachable"
    r"|Error -?\d+ connect|failed to resolve",
    broad=frozenset({"OSError", "psycopg.OperationalError"}),
)
GARBAGE = Cause(
    "gave no valid answer ({text}). Is {software} what answers there? Is the port right?",
    frozenset(
        {"http.HTTPException", "urllib3.DecodeError", "msgspec.MsgspecError", *_of("redis", "InvalidResponse")}
        | _of("amqp", "FrameSyntaxError FrameError UnexpectedFrame InvalidCommand AMQPNotImplementedError")
    ),
    r"[Pp]rotocol|unexpected message|invalid response|expected authentication request"
    r"|\[Errno 22\]",  # py-amqp's options for a socket whose other end speaks first, or has closed it
    frozenset(_of("redis", "ResponseError")),
)
CLUSTER = "is a node of a cluster, which Celery does not support. Use a Redis that is none."
SENTINEL = "is a sentinel, which stores nothing. Use the URL of the primary that it watches."
CAUSES = (
    Cause(
        "requires a password, or rejects the user or password given. Put them in the URL: {credentials}.",
        frozenset(_of("redis", "AuthenticationError AuthenticationWrongNumberOfArgsError ExternalAuthProviderError")),
        r"\bNOAUTH\b|\bWRONGPASS\b|invalid username-password|[Aa]uthentication (required|failed)|no password supplied"
        r"|invalid password|Login was refused|role .* does not exist",
    ),
    Cause(
        "has no such virtual host, or not for this user: {text}. The virtual host / is written //.",
        pattern=r"(?<!in )\bvhost\b",
    ),
    Cause(
        "does not let this user do what a run needs: {text}. Grant it, or use another user.",
        frozenset({*_of("redis", "NoPermissionError"), *_of("psycopg", "InsufficientPrivilege")}),
        r"\bNOPERM\b|no permissions? to|permission denied for|ACCESS_REFUSED|NOT_ALLOWED",
    ),
    Cause(
        "is a replica, which takes no writes: {text}. Use the URL of its primary.",
        frozenset({*_of("redis", "ReadOnlyError MasterDownError"), *_of("psycopg", "ReadOnlySqlTransaction")}),
        r"\bREADONLY\b|\bMASTERDOWN\b|read only replica|read-only transaction",
    ),
    Cause(
        "has no memory left for writes: {text}. Raise its maxmemory, or remove keys there.",
        frozenset(_of("redis", "OutOfMemoryError")),
        r"\bOOM\b|'maxmemory'",
    ),
    Cause(
        CLUSTER,
        frozenset(_of("redis", "MovedError AskError ClusterDownError ClusterCrossSlotError TryAgainError")),
        r"\b(MOVED|CROSSSLOT|CLUSTERDOWN)\b|same slot|not allowed in cluster mode",
    ),
    Cause(
        "has a key of another kind where the workbench keeps its own: {text}. Remove `workbench:runs` there, or use "
        "another database.",
        pattern=r"\bWRONGTYPE\b",
    ),
    Cause(SENTINEL, pattern=r"unknown command '(SELECT|SET|LPUSH)'"),
    Cause(
        "takes no writes now: {text}. See its own log.",
        frozenset(
            {*_of("redis", "BusyLoadingError"), *_of("amqp", "Blocked ResourceError"), *_of("psycopg", "DiskFull")}
        ),
        r"\b(MISCONF|NOREPLICAS|LOADING|BUSY)\b|starting up|shutting down",
    ),
    Cause(
        "grants no further connections: {text}. Raise that limit, or end other clients.",
        frozenset({*_of("redis", "MaxConnectionsError"), *_of("psycopg", "TooManyConnections")}),
        r"max number of clients|too many (clients|connections)|remaining connection slots",
    ),
    Cause(
        "could not be reached by TLS: {text}. Are its port and its certificate right?",
        frozenset({"ssl.SSLError", "ssl.SSLCertVerificationError", "urllib3.SSLError"}),
        r"(?<!invalid response to )SSL|TLS|certificate",
    ),
    Cause(
        "has ended: {text}.",
        frozenset({"ProcessLookupError", *_of("psutil", "NoSuchProcess"), *_of("billiard", "WorkerLostError")}),
    ),
    SILENT,
    REFUSED,
    Cause(
        "closed the connection: {text}. Is {software} running there, and does it expect TLS or not?{otherwise}",
        frozenset({"BrokenPipeError", "ConnectionResetError", "ConnectionAbortedError"}),
        r"[Cc]onnection (was )?(closed|reset|lost|aborted)|closed (the )?connection|[Bb]roken pipe|EOF"
        r"|Error while reading|terminating connection|[Ss]ocket closed|[Ss]erver (unexpectedly )?(closed|disconnected)",
        frozenset(
            {"ConnectionError", "EOFError", *_of("urllib3", "ProtocolError"), *_of("redis", "ConnectionError")}
            | _of("amqp", "ConnectionError")
        ),
    ),
    GARBAGE,
)
"""The first one that fits counts."""
ANY = Cause("failed: {text}.")
"""Of a library, and of no kind that is known."""
LIBRARIES = frozenset(
    (
        "redis",
        "kombu",
        "amqp",
        "vine",
        "celery",
        "billiard",
        "psutil",
        "psycopg",
        "urllib3",
        "aiohttp",
        "msgspec",
        "http",
    )
)


def explained(error: BaseException, peer: Peer, limit_s: float) -> str | None:
    """The failure of a call as one line; None for an exception that neither a library nor the system raised."""
    chain = list(_chain(error))
    if not any(_was_raised_in_a_library(each) for each in chain):
        return None
    cause = next(filter(None, (_cause_of(each) for each in chain)), None)
    if cause is None:  # what cannot be read raises what it happens to raise
        cause = ANY if type(error).__module__.partition(".")[0] in LIBRARIES else GARBAGE
    said = cause.says.format(text=one_line(error, *peer.urls), limit=limit_s, **peer._asdict())
    return f"{peer.shown} {said.replace('?.', '?')}"  # libpq ends in a question


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those from which it was raised."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _cause_of(error: BaseException) -> Cause | None:
    """By its class; else by its text; else by a class of many causes."""
    names = [_name(kind) for kind in type(error).__mro__]
    text = " ".join(str(error).split())
    by_class = (cause for name in names for cause in CAUSES if name in cause.names)
    by_text = (cause for cause in CAUSES if cause.pattern and re.search(cause.pattern, text))
    by_broad_class = (cause for name in names for cause in CAUSES if name in cause.broad)
    return next(by_class, None) or next(by_text, None) or next(by_broad_class, None)


def _name(kind: type) -> str:
    """`redis.TimeoutError` for redis.exceptions.TimeoutError; built-in ones without a package."""
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package == "builtins" else f"{package}.{kind.__qualname__}"


def _was_raised_in_a_library(error: BaseException) -> bool:
    """By its class, or by the innermost line that raised it; an error of the system counts as one."""
    frames = traceback.walk_tb(error.__traceback__)
    modules = [kind.__module__ for kind in type(error).__mro__]
    modules += [frame.f_globals.get("__name__", "") for frame, _ in frames][-1:]
    return isinstance(error, OSError) or any(module.partition(".")[0] in LIBRARIES for module in modules)


def one_line(error: BaseException, *urls: Url) -> str:
    """An error's text on one line, without its full stop; its type alone where it has no text, or quotes a secret."""
    text = PIPELINED.sub("", " ".join(str(error).split()))
    if any(url.is_quoted_in(text) for url in urls):
        return type(error).__name__
    return text[:ERROR_CHARACTERS].rstrip(".") or type(error).__name__
