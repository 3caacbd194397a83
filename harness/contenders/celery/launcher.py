"""`python -m harness.contenders.celery.launcher MODULE ARGUMENT…`: Celery's command line for the application of MODULE.

`celery -A MODULE` imports the application, and its loader the tasks, with the current directory first on the path, so
that a file `redis.py` there would be taken for the package of that name.
"""

import importlib
import sys
from typing import Any

LAUNCHER = "harness.contenders.celery.launcher"


def main() -> None:
    """Patch what the pool needs before anything is imported, as `celery` does; then start."""
    from celery import maybe_patch_concurrency

    _, module, *arguments = sys.argv
    maybe_patch_concurrency(arguments)
    from celery.bin.celery import celery

    app = importlib.import_module(module).app
    app.loader.import_from_cwd = _import
    celery.params[0].default = app  # of -A, as Celery.start() sets it
    celery.main(args=arguments, prog_name="celery")


def _import(module: str, imp: object = None, package: str | None = None) -> Any:
    """In place of a loader's `import_from_cwd`: import from where everything else is imported from."""
    return importlib.import_module(module, package)


if __name__ == "__main__":
    main()
