"""`workbench serve`: the runs of a folder as pages, live while they run. Reads that folder and nothing else."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from harness import registry
from harness.errors import UsageError
from harness.report import two_runs
from harness.report.journal_events import events
from harness.report.page.rendering import page, report_page
from harness.report.run_list import address_of, listed
from harness.results import store
from harness.results.model import Results

FOLDER: web.AppKey[Path] = web.AppKey("folder", Path)
HOME = (("/", "All runs"),)
FILES = {
    "results.json": ("json", "application/json"),
    "trials.csv": ("csv", "text/csv"),
    "report.md": ("markdown", "text/markdown"),
}
"""The files that each run is offered as: name → format, media type."""
STRICTEST = "default-src 'none'"
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{STRICTEST}; frame-ancestors 'none'",
}


def application(folder: Path) -> web.Application:
    """The pages of that folder's runs; raises UsageError if it is not a folder."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: give the one that contains your runs, such as results.")
    app = web.Application(middlewares=[_with_headers])
    app[FOLDER] = folder.resolve()
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/compare", _compare),
            web.get("/runs/{id:.+}/events", _events),
            *(web.get(f"/runs/{{id:.+}}/{{file:{re.escape(file)}}}", _file) for file in FILES),
            web.get("/runs/{id:.+}/", _run),
        ]
    )
    return app


@web.middleware
async def _with_headers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """On every response that has not begun; a page's own policy replaces the strictest one."""
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
    """A page, with the policy that it names as a header too."""
    named = POLICY.search(text)
    policy = f"{html.unescape(named[1]) if named else STRICTEST}; frame-ancestors 'none'"
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})


async def _index(request: web.Request) -> web.Response:
    folder = request.app[FOLDER]
    runs = await asyncio.to_thread(lambda: listed(folder))
    return _html(
        page("index.html", ["page.js"], title="Celery or asyncio? Runs", folder=str(folder), runs=runs, links=())
    )


def _run_folder(request: web.Request, identity: str) -> Path:
    """The folder of a run; anything outside the served folder is not found."""
    served = request.app[FOLDER]
    try:
        run_folder = (served / identity).resolve()
        document = (run_folder / store.DOCUMENT).resolve()
        inside = run_folder != served and run_folder.is_relative_to(served) and document.parent == run_folder
        if inside and document.is_file():
            return run_folder
    except (OSError, ValueError):
        pass  # such as a NUL in the name: no such run
    raise web.HTTPNotFound(text=f"no run {identity!r} in this folder")


async def _read(request: web.Request, identity: str) -> Results:
    run_folder = _run_folder(request, identity)
    return await asyncio.to_thread(store.read, run_folder)


async def _run(request: web.Request) -> web.Response:
    """The report; while the run is going on, its progress."""
    identity = request.match_info["id"]
    results = await _read(request, identity)
    if results.run.status == "running" and "report" not in request.query:
        return _html(
            page(
                "live.html",
                ["page.js", "live.js"],
                connect="'self'",
                title=f"Celery or asyncio? {identity} is running",
                id=identity,
                links=HOME,
            )
        )
    return _html(await asyncio.to_thread(registry.load("format", "html").served, results, HOME))


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


async def _events(request: web.Request) -> web.StreamResponse:
    """The run's journal as server-sent events: from its start, or from where the client's connection broke off."""
    run_folder = _run_folder(request, request.match_info["id"])
    offset = request.headers.get("Last-Event-ID", "0")
    response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
    await response.prepare(request)
    async for text in events(run_folder / store.JOURNAL, int(offset) if offset.isdecimal() else 0):
        await response.write(text.encode())
    return response


async def serve(folder: Path, host: str, port: int, say: Callable[[str], Any]) -> None:
    """Serve until cancelled; raises UsageError if the folder is missing or the port is taken."""
    runner = web.AppRunner(application(folder), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{port}: {error.strerror}. Choose another port with --port."
            ) from None
        where = f"[{host}]" if ":" in host else host
        say(f"Runs of {folder}: http://{where}:{runner.addresses[0][1]}/ (press Ctrl-C to stop)")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
