"""`python -m origin`: serve until SIGTERM; prints one JSON line with the URL once it listens."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Callable

import uvloop
from aiohttp import web

from harness.machine.guard import die_with_parent
from harness.machine.kernel import SPREADS_CONNECTIONS
from origin.counters import Counters
from origin.diary import Diary
from origin.limits import Limits
from origin.server import application

BACKLOG = 4096
PORT_MOST, PROCESSES_MOST, SEED_MOST = 65535, 64, 2**53


def main() -> None:
    """Bind, fork the further processes (they end with the first), serve."""
    options = _options()
    reserved = _listener(options.host, options.port)
    port = reserved.getsockname()[1]
    counters = Counters(options.processes)
    diary = Diary()
    limits = Limits()
    root = os.getpid()
    index = 0
    for child in range(1, options.processes):
        if os.fork() == 0:
            die_with_parent(root)
            index = child
            break
    listener = _listener(options.host, port) if index and SPREADS_CONNECTIONS else reserved
    if index == 0:
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(json.dumps({"url": f"http://{host}:{port}", "pid": root}), flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(listener, application(index, counters, diary, limits, root, options.seed)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m origin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_up_to(0, PORT_MOST), default=0, help="port; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--processes", type=_up_to(1, PROCESSES_MOST), default=1, help="processes that serve (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=_up_to(0, SEED_MOST), default=0, help="seed of the bodies (default: %(default)s)"
    )
    return parser.parse_args()


def _up_to(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number within these bounds."""

    def whole(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 20 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}; got {text[:40]!r}")
        return int(text)

    return whole


def _listener(host: str, port: int) -> socket.socket:
    """A socket of one process on the port that all share: the kernel distributes connections over them, if it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if SPREADS_CONNECTIONS:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # before the URL is printed: its reader connects at once
    except (OSError, UnicodeError) as error:  # the latter for what no name of a host can be
        sys.exit(f"origin: cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or 'no such host'}")
    return listener


async def _serve(listener: socket.socket, app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, handler_cancellation=True)
    await runner.setup()
    await web.SockSite(runner, listener, backlog=BACKLOG).start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
