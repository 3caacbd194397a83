"""The libraries' exceptions in the user's words, without a secret."""

import ssl
import struct
from collections.abc import Callable

import aiohttp
import amqp.exceptions
import amqp.serialization
import billiard.exceptions
import kombu.exceptions
import msgspec
import psutil
import psycopg.errors
import pytest
import redis
import urllib3.exceptions

from harness.services.brokers.broker import broker_url
from harness.services.causes import Peer, explained, one_line

URL = broker_url("redis://:s3cr3t@h:1/0")
PEER = Peer("the broker", "Redis", (URL,), "redis://USER:PASSWORD@HOST")


def raised(call: Callable[[], object]) -> Exception:
    """What a call raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is belongs to the library
        call()
    return caught.value


def wrapped(outer: Exception, inner: Exception) -> Exception:
    """As one library raises it from another's."""
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (redis.AuthenticationError("WRONGPASS invalid"), "rejects the user or password given"),
        (amqp.exceptions.AccessRefused("Login was refused"), "rejects the user or password given"),
        (psycopg.OperationalError("FATAL: password authentication failed"), "rejects the user or password given"),
        (amqp.exceptions.NotAllowed("NOT_ALLOWED - vhost x not found"), "has no such virtual host"),
        (amqp.exceptions.NotAllowed("NOT_ALLOWED - access to vhost 'x' refused for user 'me'"), "not for this user"),
        (
            amqp.exceptions.AccessRefused("ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'me'"),
            "does not let this user do what a run needs",
        ),
        (redis.exceptions.NoPermissionError("No permissions to access a channel"), "does not let this user"),
        (amqp.exceptions.AccessRefused("ACCESS_REFUSED - access to queue"), "does not let this user"),
        (psycopg.errors.InsufficientPrivilege("permission denied for schema"), "does not let this user"),
        (redis.ReadOnlyError("You can't write against a read only replica."), "is a replica"),
        (redis.exceptions.OutOfMemoryError("command not allowed"), "has no memory left"),
        (kombu.exceptions.OperationalError("OOM command not allowed when used memory"), "has no memory left"),
        (redis.exceptions.ClusterCrossSlotError("Keys don't hash"), "is a node of a cluster"),
        (redis.BusyLoadingError("Redis is loading the dataset"), "takes no writes now"),
        (redis.ResponseError("MISCONF Redis is configured to save"), "takes no writes now"),
        (redis.ResponseError("WRONGTYPE Operation against a key"), "has a key of another kind"),
        (psycopg.errors.TooManyConnections("sorry, too many clients"), "grants no further connections"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "could not be reached by TLS"),
        (redis.TimeoutError("Timeout reading from socket"), "did not answer within 5 s"),
        (psycopg.errors.ConnectionTimeout("connection timeout expired"), "did not answer within 5 s"),
        (psycopg.OperationalError("received invalid response to SSL negotiation: +"), "gave no valid answer ("),
        (TimeoutError(), "did not answer within 5 s"),
        (ConnectionRefusedError(111, "Connection refused"), "could not be reached: "),
        (redis.ConnectionError("Error 111 connecting to h:1. Connection refused."), "could not be reached: "),
        (wrapped(kombu.exceptions.OperationalError(""), ConnectionRefusedError(111, "no")), "could not be reached: "),
        (OSError(22, "Invalid argument"), "gave no valid answer ("),
        (aiohttp.ServerDisconnectedError(), "closed the connection: "),
        (redis.ConnectionError("Connection closed by server."), "closed the connection: "),
        (urllib3.exceptions.ProtocolError("Connection aborted."), "closed the connection: "),
        (amqp.exceptions.RecoverableConnectionError("Socket closed"), "closed the connection: "),
        (redis.InvalidResponse("Protocol Error: b'HTTP'"), "gave no valid answer (Protocol Error"),
        (msgspec.ValidationError("Expected `object`"), "gave no valid answer (Expected"),
        (psutil.NoSuchProcess(7), "has ended: "),
        (billiard.exceptions.WorkerLostError("Worker exited"), "has ended: "),
        (OSError(99, "Cannot assign requested address"), "could not be reached: "),
        (psycopg.errors.SyntaxError("at end of input"), "failed: at end of input"),
    ],
)
def test_each_librarys_exception_has_a_cause(error: Exception, says: str) -> None:
    """In one sentence that begins with who was asked."""
    sentence = explained(error, PEER, 5.0)
    assert sentence is not None
    assert sentence.startswith("the broker ")
    assert says in sentence


def test_what_a_library_stumbles_over_is_no_valid_answer() -> None:
    """Bytes that it cannot read raise what they happen to raise: here, more is read than there is."""
    error = raised(lambda: amqp.serialization.loads("l", b"\x00", 0))
    assert isinstance(error, struct.error)
    sentence = explained(error, PEER, 5.0)
    assert sentence is not None
    assert "gave no valid answer" in sentence


def test_a_defect_of_the_workbench_stays_what_it_is() -> None:
    """Such as a key that is missing."""
    assert explained(raised({}.popitem), PEER, 5.0) is None


def test_an_error_is_shown_on_one_line() -> None:
    """Its type stands for one without a text."""
    assert one_line(OSError("cannot reach\n  redis at h:1."), URL) == "cannot reach redis at h:1"
    assert one_line(TimeoutError(), URL) == "TimeoutError"


def test_an_error_that_quotes_a_secret_is_its_type_alone() -> None:
    """However the library words it."""
    assert one_line(ValueError("Port could not be cast to integer value as 's3cr3t'"), URL) == "ValueError"
    assert one_line(OSError("redis://:s3cr3t@h:1/0 refused"), URL) == "OSError"
