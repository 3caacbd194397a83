"""The HTTP client of the Celery side: what it raises, and that its time limit is one for the whole answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from urllib3.exceptions import LocationValueError

from celery_side.http import BadAnswer, NoAnswer, RequestFailed, StatusError, answer_to, get_json, pool_manager

HEAD = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def service(answer: Callable[[socket.socket], None], connections: int = 1) -> Iterator[str]:
    """A service that accepts so many connections, one after the other; `answer` is called for each request."""
    accepted: list[socket.socket] = []

    def serve() -> None:
        for _ in range(connections):
            try:
                connection, _ = server.accept()
            except OSError:  # closed: the test is over
                return
            accepted.append(connection)
            with connection, suppress(OSError):  # the client may have gone
                while connection.recv(65536):
                    answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        for open_socket in (server, *accepted):
            with suppress(OSError):  # it may have ended already
                open_socket.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    pool_manager.get().clear()


def answering(body: bytes, status: int = 200) -> Callable[[socket.socket], None]:
    """The same to every request."""
    return lambda connection: connection.sendall(HEAD % (status, len(body)) + body)


def test_json_is_fetched_over_one_kept_connection() -> None:
    """The service accepts one connection alone; a failed status does not cost it."""
    answers = iter([(b'{"a": 1}', 200), (b"try again", 503), (b"[2]", 200)])
    with service(lambda connection: answering(*next(answers))(connection)) as url:
        assert get_json(url) == {"a": 1}
        with pytest.raises(StatusError, match=r"status 503"):
            get_json(url)
        assert get_json(url) == [2]


def test_a_body_arrives_in_pieces() -> None:
    """As a large one does."""
    size = 300_000
    with service(answering(b"x" * size)) as url, answer_to("GET", url) as answer:
        pieces = list(answer.pieces())
    assert len(pieces) > 1
    assert sum(map(len, pieces)) == size


def test_the_limit_is_one_for_the_whole_answer() -> None:
    """A byte now and then would never break a limit of each wait."""
    stopped = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(HEAD % (200, 10**9))
        while not stopped.wait(0.02):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    with service(trickle) as url:
        try:
            with pytest.raises(NoAnswer):
                get_json(url, limit_s=0.2)
        finally:
            stopped.set()


def test_no_answer_in_time_and_a_broken_connection_are_no_answer() -> None:
    """Silence; half an answer; nobody who listens."""
    with service(lambda connection: None) as url, pytest.raises(NoAnswer):
        get_json(url, limit_s=0.1)

    def half(connection: socket.socket) -> None:
        connection.sendall(HEAD % (200, 10) + b"12345")
        connection.shutdown(socket.SHUT_RDWR)

    with service(half) as url, pytest.raises(NoAnswer) as raised:
        get_json(url)
    assert raised.value.__cause__ is not None
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoAnswer):
        get_json(f"http://127.0.0.1:{port}/")


def test_what_is_not_json_is_a_bad_answer() -> None:
    """Half a text, or bytes that are none."""
    for body in (b'{"status": "o', b"\xff\xfe\xfd"):
        with service(answering(body)) as url, pytest.raises(BadAnswer):
            get_json(url)


def test_what_cannot_be_asked_is_not_taken_for_a_service_that_does_not_answer() -> None:
    """It would be the same at every attempt."""
    with pytest.raises(RequestFailed) as raised:
        get_json("http://")
    assert not isinstance(raised.value, NoAnswer)
    assert isinstance(raised.value.__cause__, LocationValueError)
