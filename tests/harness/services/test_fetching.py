"""What an HTTP service sends is read up to a limit."""

import socket
import threading

import pytest
import urllib3

from harness.errors import ServiceError
from harness.services.calls import ask_blocking
from harness.services.causes import Peer
from harness.services.fetching import fetched

HEAD = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: %d\r\n\r\n"


def served(body: bytes, announced: int, most: int) -> tuple[int, bytes]:
    """What is fetched of a service that answers one request so, and waits until the other end has had enough."""

    def answer() -> None:
        connected, _ = listening.accept()
        with connected:
            connected.recv(1000)
            connected.sendall(HEAD % announced + body)
            connected.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=answer)
        answering.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with urllib3.PoolManager(timeout=2, retries=False) as http:
            try:
                return ask_blocking(Peer("it", "the service"), lambda: fetched(http, "GET", url, most=most))
            finally:
                http.clear()
                answering.join()


def test_no_redirection_is_followed_and_all_is_read() -> None:
    """The answer is the service's own."""
    assert served(b"x" * 9999, 9999, 10_000) == (302, b"x" * 9999)


def test_a_service_that_sends_more_than_an_answer_gives_no_valid_one() -> None:
    """Its thread ends: it would fill the memory."""
    with pytest.raises(ServiceError, match=r"it gave no valid answer \(more than 100 bytes\)"):
        served(b"x" * 101, 10**9, 100)
