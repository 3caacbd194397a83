"""`python -m harness.contenders.celery.launcher MODULE ARGUMENT…`: Celery's command line for the application of MODULE.

`celery -A MODULE` imports the application with the current directory on the path, so that a file `redis.py` there
would be taken for the package of that name.
"""

import importlib
import sys
from pathlib import Path

LAUNCHER = "harness.contenders.celery.launcher"


def main() -> None:
    """Patch what the pool needs before anything is imported, as `celery` does; then start."""
    from celery import maybe_patch_concurrency

    _, module, *arguments = sys.argv
    sys.path.append(str(Path.cwd()))  # where Celery finds it, it does not put it first to import tasks
    maybe_patch_concurrency(arguments)
    from celery.bin.celery import celery

    celery.params[0].default = importlib.import_module(module).app  # of -A, as Celery.start() sets it
    celery.main(args=arguments, prog_name="celery")


if __name__ == "__main__":
    main()
