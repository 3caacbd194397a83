"""What `workbench serve` does: serves pages until SIGINT or SIGTERM."""

import asyncio
import signal
from pathlib import Path

from harness.report.serve import serve


def execute(folder: Path, host: str, port: int) -> int:
    """Serve; returns the exit status once it is told to end."""
    asyncio.run(_until_told(folder, host, port))
    return 0


async def _until_told(folder: Path, host: str, port: int) -> None:
    task = asyncio.ensure_future(serve(folder, host, port, lambda text: print(text, flush=True)))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return
