"""`workbench serve`: the runs of a folder as pages, live while they run. Reads that folder and nothing else."""

import asyncio
import errno
import html
import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from harness import registry
from harness.errors import UsageError
from harness.machine.names import is_folder
from harness.report import two_runs
from harness.report.board.board import board_of, report_of
from harness.report.connections import HEADERS, STRICTEST, Connections, check_names, connection_of
from harness.report.journal_events import events
from harness.report.page.rendering import page, report_page
from harness.report.run_list import ListedRun, address_of, candidates, listed, to_compare
from harness.report.served_files import content, part
from harness.report.so_far import so_far
from harness.results import store
from harness.results.model import Results

FOLDER: web.AppKey[Path] = web.AppKey("folder", Path)
WATCHING: web.AppKey[set[int]] = web.AppKey("watching", set)
HOME = (("/", "All runs"),)
FILES = {
    "results.json": ("json", "application/json"),
    "trials.csv": ("csv", "text/csv"),
    "report.md": ("markdown", "text/markdown"),
}
"""The files that each run is offered as: name → format, media type."""
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
EXPOSED = "figures, settings, commands, host names, errors"
OF_THE_PORT = frozenset({errno.EADDRINUSE, errno.EACCES})
EVENTS_MOST = 64
"""Pages that watch a run at once."""
EVENT_S = 60.0
"""A client that has not read an event by then is cut off."""


def application(folder: Path, names: Collection[str] = ()) -> web.Application:
    """The pages of that folder's runs; raises UsageError if it is not a folder.

    `names`: host names that it answers to, in addition to addresses and `localhost`.
    """
    if not is_folder(folder):
        raise UsageError(f"{folder} is not a folder: give the one that contains your runs, such as results.")
    app = web.Application(middlewares=[Connections(names).middleware])
    app[WATCHING] = set()
    app[FOLDER] = folder.resolve()
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/compare", _compare),
            web.get("/board", _board),
            web.get("/runs/{id:.+}/events", _events),
            web.get("/runs/{id:.+}/so-far", _so_far),
            *(web.get(f"/runs/{{id:.+}}/{{file:{re.escape(file)}}}", _file) for file in FILES),
            web.get("/runs/{id:.+}/", _run),
        ]
    )
    return app


def _html(text: str) -> web.Response:
    """A page, with the policy that it names as a header too."""
    named = POLICY.search(text)
    policy = f"{html.unescape(named[1]) if named else STRICTEST}; frame-ancestors 'none'"
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})


def index_page(folder: Path, runs: Sequence[ListedRun]) -> str:
    """The list of these runs, and which of them can be compared."""
    chosen = to_compare(runs)
    numbers = {row: number for number, row in enumerate(sorted({row for run in runs for row in run.rows or ()}))}
    rows = [None if run.rows is None else sorted(numbers[row] for row in run.rows) for run in runs]
    title = "Celery or asyncio? Runs"
    return page(
        "index.html", ["page.js"], title=title, folder=str(folder), runs=runs, rows=rows, chosen=chosen, links=()
    )


async def _index(request: web.Request) -> web.Response:
    folder = request.app[FOLDER]
    runs = await asyncio.to_thread(lambda: listed(folder))
    return _html(index_page(folder, runs))


def _run_folder(request: web.Request, identity: str) -> Path:
    """The folder of a run; anything outside the served folder is not found."""
    served = request.app[FOLDER]
    try:
        run_folder = (served / identity).resolve()
        document = (run_folder / store.DOCUMENT).resolve()
        inside = run_folder != served and run_folder.is_relative_to(served) and document.parent == run_folder
        if inside and document.exists():
            return run_folder
    except (OSError, RuntimeError, ValueError):
        pass  # such as a NUL in the name, or a loop of links: no such run
    raise web.HTTPNotFound(text=f"no run {identity!r} in this folder")


async def _read(request: web.Request, identity: str) -> Results:
    run_folder = _run_folder(request, identity)
    return await asyncio.to_thread(_document, request.app[FOLDER], run_folder)


def _document(served: Path, run_folder: Path) -> Results:
    file = run_folder / store.DOCUMENT
    try:
        return store.parse(content(served, file), f"{run_folder.name}/{store.DOCUMENT}", run_folder)
    except FileNotFoundError:
        raise UsageError(f"{run_folder.name} has no {store.DOCUMENT} any more") from None


async def _run(request: web.Request) -> web.Response:
    """The report; while the run is going on, its progress."""
    identity = request.match_info["id"]
    results = await _read(request, identity)
    if results.run.status == "running" and "report" not in request.query:
        shown = await asyncio.to_thread(so_far, results)
        return _html(
            page(
                "live.html",
                ["page.js", "live.js"],
                connect="'self'",
                title=f"Celery or asyncio? {identity} is running",
                id=identity,
                so_far=shown,
                links=HOME,
            )
        )
    return _html(await asyncio.to_thread(registry.load("format", "html").served, results, HOME))


async def _so_far(request: web.Request) -> web.Response:
    """For the live page: `{"headline": TEXT, "certainty": [[QUESTION, TEXT], …]}` of a run that goes on."""
    results = await _read(request, request.match_info["id"])
    shown = await asyncio.to_thread(so_far, results)
    return web.json_response(shown._asdict())


async def _file(request: web.Request) -> web.Response:
    kind, media_type = FILES[request.match_info["file"]]
    results = await _read(request, request.match_info["id"])
    text = await asyncio.to_thread(registry.load("format", kind).render, results)
    return web.Response(text=text, content_type=media_type, charset="utf-8")


async def _compare(request: web.Request) -> web.Response:
    """Two runs, side by side; unlike ones are shown too, with what differs."""
    base, new = [await _read(request, request.query.get(which, "")) for which in ("base", "new")]
    links = (*HOME, *((address_of(request.query[which]), which) for which in ("base", "new")))
    return _html(await asyncio.to_thread(lambda: report_page(two_runs.build(base, new), [], None, links=links)))


async def _board(request: web.Request) -> web.Response:
    """What others measured: the runs of the folder that verify, machine by machine."""
    folder = request.app[FOLDER]
    return _html(
        await asyncio.to_thread(lambda: report_page(report_of(board_of(candidates(folder))), [], None, links=HOME))
    )


async def _events(request: web.Request) -> web.StreamResponse:
    """The run's journal as server-sent events: from its start, or from where the client's connection broke off."""
    served, watching = request.app[FOLDER], request.app[WATCHING]
    journal = _run_folder(request, request.match_info["id"]) / store.JOURNAL
    await asyncio.to_thread(part, served, journal, 0, 0)  # what cannot be read is an error before anything is sent
    if len(watching) >= EVENTS_MOST:
        raise web.HTTPServiceUnavailable(text=f"{EVENTS_MOST} pages watch runs already")
    response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
    watching.add(id(request))
    try:
        await response.prepare(request)
        read = partial(part, served, journal)
        async for text in events(journal, _offset(request.headers.get("Last-Event-ID", "")), read):
            async with asyncio.timeout(EVENT_S):
                await response.write(text.encode())
    except (ConnectionError, TimeoutError, UsageError):
        pass  # the tab was closed or does not read, or the journal was replaced: the page asks again
    finally:
        watching.discard(id(request))
    return response


def _offset(text: str) -> int:
    """The byte that a page has seen last; 0 for what no page sends."""
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else 0


def _why_not(host: str, port: int, error: OSError | UnicodeError) -> str:
    """Why nothing can listen there, and what to choose instead."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"--host {host!r}: this machine knows no such host. Give one of its own addresses or names."
    option = "port with --port" if error.errno in OF_THE_PORT else "address with --host"
    return f"cannot listen on {host}:{port}: {error.strerror}. Choose another {option}."


async def serve(folder: Path, host: str, port: int, say: Callable[[str], Any], names: Collection[str] = ()) -> None:
    """Serve until cancelled; raises UsageError for a folder, name or address that is none, and a port that is taken."""
    check_names(names)
    runner = web.AppRunner(application(folder, [host, *names]), shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            server = await asyncio.get_running_loop().create_server(lambda: connection_of(runner), host, port)
        except (OSError, UnicodeError) as error:
            raise UsageError(_why_not(host, port, error)) from None
        where = f"[{host}]" if ":" in host else host or "localhost"
        say(f"Runs of {folder}: http://{where}:{server.sockets[0].getsockname()[1]}/ (press Ctrl-C to stop)")
        if not all(ipaddress.ip_address(bound.getsockname()[0]).is_loopback for bound in server.sockets):
            say(f"Whoever reaches this machine can read all runs of {folder}: {EXPOSED}. There is no password.")
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
    finally:
        await runner.cleanup()
