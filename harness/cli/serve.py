"""`workbench serve`: serves pages until a signal ends it."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.signals import uninterrupted


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that contains runs.")] = Path("results"),
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address to listen on; 0.0.0.0 allows access from other machines.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="Port; 0 chooses a free one.", min=0, max=65535)] = 8080,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Host name by which browsers may ask for it, in addition to addresses, localhost and --host; can be "
            "repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve the reports of a folder as pages, live during a run, until Ctrl-C."""
    import asyncio

    asyncio.run(_serve_until_signal(folder, host, port, allow_host or []))


async def _serve_until_signal(folder: Path, host: str, port: int, names: list[str]) -> None:
    from harness.report.serve import serve as serve_pages

    await uninterrupted(serve_pages(folder, host, port, lambda text: print(text, flush=True), names))
