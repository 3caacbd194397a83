"""Blocking calls beside the loop."""

import threading

import pytest

from harness.machine.threads import in_thread


async def test_the_result_comes_back() -> None:
    """As from the call itself."""
    assert await in_thread(divmod, 7, 2) == (3, 1)


async def test_what_is_raised_comes_back() -> None:
    """To whoever awaits."""
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)


async def test_the_thread_keeps_no_process_from_ending() -> None:
    """It is a daemon, and not the loop's own."""
    found = await in_thread(threading.current_thread)
    assert found.daemon
    assert found is not threading.current_thread()
