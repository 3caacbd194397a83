"""Where a run is possible."""

from harness.machine import kernel


def test_a_run_needs_linux() -> None:
    """And says so before anything else, with what to do."""
    assert kernel.no_run_on("linux") is None
    assert kernel.no_run_on("darwin") == (
        "a run needs Linux (timerfd, memfd, /proc, and children that end with their parent); this is darwin. "
        "Use the container image: docker compose up"
    )
