"""Whether this kernel has what a run needs."""

import sys

from harness.errors import ServiceError

NEEDED = "timerfd, memfd, /proc, and children that end with their parent"


def no_run_on(system: str = sys.platform) -> str | None:
    """Why nothing can be measured on that system, and what to do; None where it can."""
    if system == "linux":
        return None
    return f"a run needs Linux ({NEEDED}); this is {system}. Use the container image: docker compose up"


def check() -> None:
    """Raise ServiceError where nothing can be measured."""
    if (reason := no_run_on()) is not None:
        raise ServiceError(f"{reason}.")
