"""The task `http_date`, with either client."""

import pytest

from celery_side.tasks.http_date import http_date, session
from tests.celery_side.test_http import service

REPLY = b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("client", ["urllib3", "requests"])
def test_a_proxy_of_the_environment_is_not_used(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Aiohttp does not use it either: one side alone behind a proxy would be slower."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with service(lambda connection: connection.sendall(REPLY)) as url:
        assert http_date(url, client) == "Thu, 01 Jan 2026 00:00:00 GMT"
        session.get().close()
