"""`python -m harness.contenders.celery.launcher MODULE COMMAND ARGUMENT…`: `celery worker` or `beat` with MODULE's app.

`celery -A MODULE` imports the application, and its loader the tasks, with the current directory first on the path, so
that a file `redis.py` there would be taken for the package of that name.
"""

import importlib
import os
import sys
from typing import Any

from harness.machine.garbage import seldom_collected

LAUNCHER = "harness.contenders.celery.launcher"
WAITING = "harness.contenders.celery.fleet.waiting_worker"
"""What a worker runs that somebody has started: its banner says that it is ready."""


def main() -> None:
    """Patch what the pool needs before anything is imported, as `celery` does; then start.

    Only the subcommand's own module is imported: all of Celery's together take a third of a second of CPU more.
    """
    _, module, name, *arguments = sys.argv
    with seldom_collected():
        from celery import maybe_patch_concurrency

        maybe_patch_concurrency(arguments)
        from celery.bin.base import CLIContext

        app = _app_of(module)
        app.loader.import_from_cwd = _import
        command = getattr(importlib.import_module(f"celery.bin.{name}"), name)
    command.params.extend(app.user_options.get(name, ()))
    # Quiet: without the banner, which would be what a run's worker that ends at once wrote last.
    context = CLIContext(app=app, no_color=False, workdir=None, quiet=module != WAITING)
    command.main(args=arguments, prog_name=f"celery {name}", obj=context)


def _app_of(module: str) -> Any:
    """What it finds wrong is said, and ends this process, as in every command (see `harness.cli.entry`)."""
    from harness.errors import WorkbenchError

    try:
        return importlib.import_module(module).app
    except WorkbenchError as error:
        sys.stderr.write(f"workbench: {error}\n")
        sys.stderr.flush()
        os._exit(error.exit_code)


def _import(module: str, imp: object = None, package: str | None = None) -> Any:
    """In place of a loader's `import_from_cwd`: import from where everything else is imported from."""
    return importlib.import_module(module, package)


if __name__ == "__main__":
    main()
