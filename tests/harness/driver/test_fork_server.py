"""A fork server as the session sees it: whichever of the two has gone is named, and the next trial finds another."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.driver import fork_server
from harness.driver.fork_server import DriverProcess, ForkServer
from harness.loads.shared.arrivals import ARRIVALS_MOST
from tests.builders import spec_of
from tests.running import ended


def with_driver(tmp_path: Path, test: Callable[[ForkServer, DriverProcess], Awaitable[None]]) -> None:
    """A fork server that imports nothing but what every driver needs, and a driver that runs."""

    async def main() -> None:
        server = ForkServer([], tmp_path / "log")
        await server.start()
        try:
            driver = await server.fork(spec_of(tmp_path / "spool", contender="asyncio", duration_s=60.0))
            assert await asyncio.wait_for(driver.receive(), 30) is not None
            await test(server, driver)
        finally:
            await server.stop(0)

    asyncio.run(main())


def pid_of(server: ForkServer) -> int:
    """Of its process."""
    assert server._child is not None
    return server._child.process.pid


def test_a_fork_server_that_ends_is_named_and_the_next_trial_gets_another(tmp_path: Path) -> None:
    """Its driver ends with it, but is not the reason."""

    async def killed(server: ForkServer, driver: DriverProcess) -> None:
        os.kill(pid_of(server), signal.SIGKILL)
        assert await driver.ended() == "the fork server of the driver has ended (killed by SIGKILL)"
        assert driver.pid is not None
        assert ended(driver.pid)
        recorded = [100_000] * ARRIVALS_MOST  # longer than the kernel takes a message
        following = await server.fork(spec_of(tmp_path / "spool", contender="asyncio", gaps_us=recorded))
        assert await asyncio.wait_for(following.receive(), 30) is not None
        following.kill()
        assert await following.ended() == "the driver was killed by SIGKILL"
        without = await server.fork(spec_of(tmp_path / "nowhere" / "spool", contender="asyncio"))
        while await without.receive() is not None:
            pass
        without.kill()
        assert (await without.ended() or "").startswith("the driver exited with 70: FileNotFoundError: ")

    with_driver(tmp_path, killed)


def test_one_that_is_killed_before_it_begins_ends_as_soon_as_it_does(tmp_path: Path) -> None:
    """An interrupt right after the fork: the run waited 5 s for a process whose id it did not know yet."""

    async def killed(server: ForkServer, driver: DriverProcess) -> None:
        driver.kill()
        await driver.ended()
        following = await server.fork(spec_of(tmp_path / "spool", contender="asyncio", duration_s=60.0))
        following.kill()
        assert await following.ended() == "the driver was killed by SIGKILL"

    with_driver(tmp_path, killed)


def test_what_was_stopped_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver; or, if it is the fork server that does not report the driver's end, that."""
    monkeypatch.setattr(fork_server, "KILL_LIMIT_S", 0.1)

    async def stopped(server: ForkServer, driver: DriverProcess) -> None:
        assert driver.stopped() is None
        assert driver.pid is not None
        os.kill(driver.pid, signal.SIGSTOP)
        while driver.stopped() is None:
            await asyncio.sleep(0)
        assert driver.stopped() == "the driver"
        os.kill(pid_of(server), signal.SIGSTOP)
        driver.kill()
        while server.stopped() is None:
            await asyncio.sleep(0)
        assert (await driver.ended() or "").startswith("the fork server did not report")

    with_driver(tmp_path, stopped)
