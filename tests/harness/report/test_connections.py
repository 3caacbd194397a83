"""Whom `workbench serve` answers, and up to which limits."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from harness.progress.journal import StepBegins
from harness.report import connections, serve
from harness.report.connections import HEADERS, Connections
from harness.results import store
from tests.builders import document_of


@pytest.mark.parametrize(
    ("hosts", "answered"),
    [
        (["127.0.0.1:8080"], True),
        (["127.0.0.1"], True),
        (["192.168.1.5:80"], True),
        (["[::1]:8080"], True),
        (["localhost:8080"], True),
        (["LOCALHOST."], True),
        (["box.lan:1"], True),
        (["evil.example:8080"], False),
        (["127.0.0.1.evil.example"], False),
        (["localhost.evil.example"], False),
        (["evil.example", "localhost"], False),
        (["localhost@evil.example"], False),
        (["localhost:80:80"], False),
        (["[localhost]"], False),
        ([""], False),
        ([], False),
        (["x" * 5000], False),
    ],
)
def test_only_addresses_and_names_that_were_allowed_are_answered(hosts: list[str], answered: bool) -> None:
    """A name of somebody else's that points here is not."""
    assert Connections(["box.LAN"]).answers(hosts) is answered


def step(folder: Path, text: str) -> None:
    """The run in that folder says so."""
    with (folder / "run" / store.JOURNAL).open("ab") as journal:
        journal.write(msgspec.json.encode(StepBegins(text)) + b"\n")


class Server:
    """One that serves a folder on a free port, spoken to byte by byte."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def says(self, request: str) -> str:
        """All that it answers until it closes the connection."""
        reader, writer = await self.open()
        writer.write(request.encode("latin-1"))
        answer = await reader.read()
        writer.close()
        return answer.decode("latin-1")


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """With a run that goes on."""
    document = document_of("quick")
    (tmp_path / "run").mkdir()
    store.write(tmp_path / "run" / store.DOCUMENT, document)
    step(tmp_path, "begins")
    said: list[str] = []
    serving = asyncio.create_task(serve.serve(tmp_path, "127.0.0.1", 0, said.append))
    while not said:
        await asyncio.sleep(0)
    yield Server(int(said[0].split("127.0.0.1:")[1].split("/")[0]))
    assert len(said) == 1  # nothing is exposed
    serving.cancel()
    await asyncio.wait({serving})


LARGE = 30_000_000
GET = "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"


async def test_every_answer_has_the_headers(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Also to what is no HTTP, to a wrong Host and to a page that is not there; without a traceback."""
    requests = {
        GET.format("/", "localhost"): "200",
        GET.format("/", "evil.example"): "421",
        GET.format("/nowhere", "localhost"): "404",
        GET.format("/runs/run/", "localhost"): "200",
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n": "400",
        "GET / HTTP/9.9\r\n\r\n": "400",
        "nonsense\r\n\r\n": "400",
        f"GET /{'a' * 20_000} HTTP/1.1\r\n\r\n": "400",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n": "405",
    }
    with caplog.at_level(logging.WARNING):
        for request, status in requests.items():
            answer = await server.says(request)
            assert answer.startswith(f"HTTP/1.1 {status}") or answer.startswith(f"HTTP/1.0 {status}"), answer[:80]
            for name in HEADERS.keys() - {"Content-Security-Policy"}:
                assert f"{name}: {HEADERS[name]}\r\n" in answer
            assert "frame-ancestors 'none'" in answer
    assert not caplog.records


async def test_a_closed_tab_is_no_news(server: Server, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Neither while it watches a run nor while it reads a page."""
    with caplog.at_level(logging.INFO):
        for path in ("/runs/run/events", "/runs/run/"):
            _, writer = await server.open()
            writer.write(GET.format(path, "localhost").encode())
            await writer.drain()
            writer.transport.abort()
        step(tmp_path, "goes on")
        await asyncio.sleep(0.6)
        assert (await server.says(GET.format("/", "localhost"))).startswith("HTTP/1.1 200")
    assert not [record for record in caplog.records if record.exc_info]


async def test_clients_that_do_not_read_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there may be hold what they were sent for a time, and no longer; the others wait that long."""
    monkeypatch.setattr(connections, "SEND_S", 0.2)
    sending: list[str] = []

    async def large(request: web.Request) -> web.Response:
        sending.append(request.path)
        return web.Response(body=b"x" * LARGE)

    app = web.Application(middlewares=[Connections().middleware])
    app.add_routes([web.get("/", large)])
    async with TestServer(app) as made:
        assert made.port is not None
        stuck = [await Server(made.port).open() for _ in range(3 * connections.SENDING_MOST)]
        for _, writer in stuck:
            writer.write(GET.format("/", "localhost").encode())
        while len(sending) < len(stuck):  # the last ones are served only once the first ones are cut off
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert not [reader for reader, _ in stuck if await _ends(reader)]
        for _, writer in stuck:
            writer.transport.abort()


async def _ends(reader: asyncio.StreamReader) -> bool:
    """Whether all of the page came, instead of the connection's end."""
    total = 0
    try:
        while part := await reader.read(1 << 20):
            total += len(part)
    except ConnectionError:
        return False
    return total >= LARGE


async def test_a_page_that_cannot_be_made_is_its_own_fault(server: Server, tmp_path: Path) -> None:
    """With all headers, and in words."""
    document = store.read(tmp_path / "run")
    run = msgspec.structs.replace(document.run, id="broken")
    (tmp_path / "broken").mkdir()
    path = tmp_path / "broken" / store.DOCUMENT
    store.write(path, msgspec.structs.replace(document, run=run))
    path.write_bytes(path.read_bytes()[:-20])
    answer = await server.says(GET.format("/runs/broken/", "localhost"))
    assert answer.startswith("HTTP/1.1 404")
    assert "not a results document" in answer
