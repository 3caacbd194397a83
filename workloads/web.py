"""A web application that answers and leaves work behind: Starlette on uvicorn, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.background import BackgroundTasks
    from starlette.requests import Request
    from starlette.responses import Response

LOOPBACK = "127.0.0.1"
ENDS_WITHIN_S = 5
"""Work that still runs once nothing more is served."""
background: ContextVar["BackgroundTasks"] = ContextVar("background")
"""What Starlette runs once the response that is being made has been sent."""


@asynccontextmanager
async def served(handler: Callable[[str], object]) -> AsyncIterator[str]:
    """Its URL: a POST to `/KEY` calls `handler(KEY)` before it is answered, a GET of `/` is answered at once."""
    from starlette.applications import Starlette
    from starlette.background import BackgroundTasks
    from starlette.responses import Response
    from starlette.routing import Route

    async def plain(request: "Request") -> "Response":
        return Response()

    async def accept(request: "Request") -> "Response":
        tasks = BackgroundTasks()
        background.set(tasks)
        handler(request.path_params["key"])
        return Response(status_code=202, background=tasks)

    app = Starlette(routes=[Route("/", plain), Route("/{key}", accept, methods=["POST"])])
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        listening.listen()
        async with _running(app, listening):
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"


@asynccontextmanager
async def _running(app: Callable[..., object], listening: socket.socket) -> AsyncIterator[None]:
    """As `uvicorn` itself does, but for signals, which are the process's own."""
    import uvicorn

    config = uvicorn.Config(
        app, lifespan="off", access_log=False, log_config=None, ws="none", timeout_graceful_shutdown=ENDS_WITHIN_S
    )
    quiet = type("Server", (uvicorn.Server,), {"capture_signals": lambda _self: nullcontext()})
    server = quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield  # whoever connects before it serves waits in the socket's backlog
    finally:
        server.should_exit = True
        await serving
