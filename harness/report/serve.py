"""`workbench serve`: the runs of a folder as pages, live while they go on. Reads that folder and nothing else."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from aiohttp import web

from harness import registry
from harness.errors import UsageError
from harness.progress.journal import End, decode
from harness.report import two_runs
from harness.report.page.page import page, report_page
from harness.results import store
from harness.results.model import Results

DEPTH = ("*", "*/*")
"""How deep runs may lie in the folder."""
POLL_S = 0.25
ALIVE_S = 15.0
SILENT_S = 60.0
FOLDER: web.AppKey[Path] = web.AppKey("folder", Path)
HOME = (("/", "All runs"),)
DOWNLOADS = {
    "results.json": ("json", "application/json"),
    "trials.csv": ("csv", "text/csv"),
    "report.md": ("markdown", "text/markdown"),
}
"""What each run can be had as: file → format, media type."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Listed(NamedTuple):
    """A run in the list; `error` says why its document cannot be read."""

    id: str
    address: str
    started: str = ""
    plan: str = ""
    rounds: int = 0
    status: str = ""
    error: str | None = None


def application(folder: Path) -> web.Application:
    """The pages of that folder's runs; raises UsageError where it is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name the one that holds runs, such as results.")
    app = web.Application(middlewares=[_with_headers])
    app[FOLDER] = folder.resolve()
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/compare", _compare),
            web.get("/runs/{id:.+}/events", _events),
            *(web.get(f"/runs/{{id:.+}}/{{file:{re.escape(file)}}}", _download) for file in DOWNLOADS),
            web.get("/runs/{id:.+}/", _run),
        ]
    )
    return app


@web.middleware
async def _with_headers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """On every answer that has not begun yet; a page's own policy instead of the strictest."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=error.text)
    except UsageError as error:
        response = web.Response(status=404, text=str(error))
    if not response.prepared:
        response.headers.update(HEADERS | dict(response.headers))
    return response


def _html(text: str) -> web.Response:
    """A page, under the policy that it names."""
    told = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert told is not None
    policy = f"{html.unescape(told[1])}; frame-ancestors 'none'"
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})


async def _index(request: web.Request) -> web.Response:
    folder = request.app[FOLDER]
    runs = await asyncio.to_thread(lambda: listed(folder))
    return _html(
        page("index.html", ["page.js"], title="Celery or asyncio? Runs", folder=str(folder), runs=runs, links=())
    )


def listed(folder: Path) -> list[Listed]:
    """All runs of a folder, the newest first; those that cannot be read last."""
    found = [_listed(folder, place) for place in _places(folder)]
    return sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.started, reverse=True)


def _places(folder: Path) -> Iterator[Path]:
    for depth in DEPTH:
        for file in folder.glob(f"{depth}/{store.DOCUMENT}"):
            if file.resolve().is_relative_to(folder):
                yield file.parent


def _listed(folder: Path, place: Path) -> Listed:
    identity = place.relative_to(folder).as_posix()
    address = f"/runs/{quote(identity)}/"
    try:
        run = store.read_run(place)
    except (OSError, msgspec.MsgspecError) as error:
        return Listed(identity, address, error=str(error))
    return Listed(identity, address, run.started, run.plan or "as given", run.rounds, run.status)


def _place(request: web.Request, identity: str) -> Path:
    """The folder of a run; whatever lies elsewhere is not found."""
    folder = request.app[FOLDER]
    try:
        place = (folder / identity).resolve()
        there = place != folder and place.is_relative_to(folder) and (place / store.DOCUMENT).resolve().parent == place
        if there and (place / store.DOCUMENT).is_file():
            return place
    except (OSError, ValueError):
        pass
    raise web.HTTPNotFound(text=f"there is no run {identity!r} here")


async def _read(request: web.Request, identity: str) -> Results:
    place = _place(request, identity)
    return await asyncio.to_thread(store.read, place)


async def _run(request: web.Request) -> web.Response:
    """The report; while the run goes on, its progress."""
    identity = request.match_info["id"]
    results = await _read(request, identity)
    if results.run.status == "running" and "report" not in request.query:
        return _html(
            page(
                "live.html",
                ["page.js", "live.js"],
                connect="'self'",
                title=f"Celery or asyncio? {identity} goes on",
                id=identity,
                links=HOME,
            )
        )
    return _html(await asyncio.to_thread(registry.load("format", "html").served, results, HOME))


async def _download(request: web.Request) -> web.Response:
    kind, media_type = DOWNLOADS[request.match_info["file"]]
    results = await _read(request, request.match_info["id"])
    text = await asyncio.to_thread(registry.load("format", kind).render, results)
    return web.Response(text=text, content_type=media_type, charset="utf-8")


async def _compare(request: web.Request) -> web.Response:
    """Two runs, side by side; what differs otherwise is told rather than refused."""
    base, new = [await _read(request, request.query.get(which, "")) for which in ("base", "new")]
    links = (*HOME, *((f"/runs/{quote(request.query[which])}/", which) for which in ("base", "new")))
    return _html(await asyncio.to_thread(lambda: report_page(two_runs.build(base, new), [], None, links=links)))


async def _events(request: web.Request) -> web.StreamResponse:
    """The run's journal as server-sent events: from its start, or from where the client's connection broke off."""
    place = _place(request, request.match_info["id"])
    offset = request.headers.get("Last-Event-ID", "0")
    response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for text in events(place / store.JOURNAL, int(offset) if offset.isdecimal() else 0):
        await response.write(text.encode())
    return response


async def events(journal: Path, offset: int) -> AsyncIterator[str]:
    """Events from that byte of the journal on, as they are appended, until the run's end.

    Each has the byte after it as its id. A comment now and then keeps the connection; long silence is an event.
    """
    told = time.monotonic()
    while True:
        lines = await asyncio.to_thread(_lines, journal, offset)
        for line in lines:
            offset += len(line)
            yield f"id: {offset}\ndata: {line.decode().strip()}\n\n"
            if isinstance(decode(line), End):
                return
        if lines:
            told = time.monotonic()
        elif time.monotonic() - told > ALIVE_S:
            told = time.monotonic()
            silent_s = await asyncio.to_thread(_silent_s, journal)
            silence = msgspec.json.encode({"type": "silent", "minutes": round(silent_s / 60)}).decode()
            yield f"data: {silence}\n\n" if silent_s > SILENT_S else ": still there\n\n"
        await asyncio.sleep(POLL_S)


def _silent_s(journal: Path) -> float:
    """How long nothing has been written."""
    try:
        return time.time() - journal.stat().st_mtime
    except OSError:
        return 0.0


def _lines(journal: Path, offset: int) -> list[bytes]:
    """Whole lines from there on: what is being written is left for the next time."""
    try:
        with journal.open("rb") as file:
            file.seek(offset)
            return [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
    except FileNotFoundError:
        return []


async def serve(folder: Path, host: str, port: int, say: Callable[[str], Any]) -> None:
    """Serve until cancelled; raises UsageError where the folder is missing or the port is taken."""
    runner = web.AppRunner(application(folder), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{port}: {error.strerror}. Name another port with --port."
            ) from None
        where = f"[{host}]" if ":" in host else host
        say(f"Runs of {folder}: http://{where}:{runner.addresses[0][1]}/ (Ctrl-C ends this)")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
