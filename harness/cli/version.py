"""`workbench --version`: the version of the workbench and of what it measures with."""

from typing import Annotated

import typer

DISTRIBUTION = "celery-or-asyncio-workbench"
SHOWN = ("celery", "kombu", "redis", "aiohttp")


def _print(value: bool) -> None:
    if value:
        import platform

        print(f"workbench {installed(DISTRIBUTION)}, Python {platform.python_version()}")
        print(", ".join(f"{name} {installed(name)}" for name in SHOWN))
        raise typer.Exit


def installed(distribution: str) -> str:
    """The version of a distribution, or that there is none."""
    from importlib.metadata import PackageNotFoundError, version  # not before: it is heavy, and help shall be fast

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(not installed)"


VersionOption = Annotated[
    bool, typer.Option("--version", callback=_print, is_eager=True, help="Show the version and exit.")
]


def program(version_: VersionOption = False) -> None:
    """Celery or asyncio? Runs the same I/O-bound workloads on both sides and measures."""
