"""A RabbitMQ of the run's own: which server it takes, that nothing of a user's gets into it, and that nothing stays."""

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from harness.errors import ServiceError
from harness.services.brokers.rabbitmq import BROKER
from harness.services.rabbit_client import connected
from harness.services.servers import rabbitmq
from harness.services.servers.rabbitmq import Binaries, OwnRabbit, find_binaries

WRITTEN_S = 2.5
"""After that, a queue that has been declared is on disk too, as its confirmed messages are at once (seen on 3.10)."""


def executable(path: Path) -> Path:
    """A file that could be run."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; nothing is in Debian's place."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}")
    monkeypatch.setattr(rabbitmq, "DEBIAN", tmp_path / "debian")
    return tmp_path


def test_a_server_needs_erlang_beside_it_and_debians_own_place_comes_first(on_path: Path) -> None:
    """The one on Debian's PATH changes its user."""
    server = executable(on_path / "rabbitmq-server")
    assert find_binaries() is None
    epmd = executable(on_path / "epmd")
    assert find_binaries() == Binaries(server, str(epmd))
    debians = executable(on_path / "debian")
    assert find_binaries() == Binaries(debians, str(epmd))


def test_where_there_is_none_it_is_said_how_to_get_one(on_path: Path) -> None:
    """By a package, or by the URL of one that runs."""
    reason = BROKER.cannot_start()
    assert reason is not None
    assert "apt-get install rabbitmq-server" in reason
    assert reason.endswith(f"--broker {BROKER.example}")
    with pytest.raises(ServiceError, match=re.escape(reason)):  # where one was asked for
        asyncio.run(BROKER.open(None, "workbench:run:", on_path))


def test_a_users_settings_are_none_of_its_and_its_places_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment says of other servers."""
    monkeypatch.setenv("RABBITMQ_NODENAME", "theirs@here")
    monkeypatch.setenv("RABBITMQ_USE_LONGNAME", "true")
    monkeypatch.setenv("ERL_FLAGS", "-theirs")
    env = OwnRabbit(Binaries(tmp_path, "epmd"), tmp_path).environment({"amqp": 1, "node": 2, "epmd": 3})
    assert (env["RABBITMQ_USE_LONGNAME"], env["ERL_FLAGS"], env["RABBITMQ_NODENAME"]) == ("", "", "workbench@localhost")
    assert env["ERL_AFLAGS"] == "-start_epmd false"  # of any VM: a daemon would stay
    assert {Path(value).parent for value in env.values() if value.startswith("/")} <= {tmp_path, tmp_path / "rabbitmq"}


async def test_it_starts_again_with_what_is_durable_and_leaves_nothing(tmp_path: Path) -> None:
    """After a SIGKILL, at the same address; at its end no process and no file is left, epmd and cookie included."""
    if (reason := BROKER.cannot_start()) is not None:
        pytest.skip(reason)
    broker = await BROKER.open(None, "workbench:run:", tmp_path)
    try:
        server = broker.server
        assert server is not None
        assert broker.is_own
        assert broker.describe().own
        with connected(broker.place.url) as connection:
            channel = connection.channel()
            channel.queue_declare("kept", durable=True, auto_delete=False)
            channel.basic_publish_confirm(amqp_message(), routing_key="kept")
        assert BROKER.try_out(broker.place.url)["product"] == "RabbitMQ"  # this user may do what a run does
        await asyncio.sleep(WRITTEN_S)
        reading = broker.reading()
        assert reading.memory_mb
        assert reading.cpu_s > 0
        os.kill(server.pid, signal.SIGKILL)
        await server.again()
        assert broker.waiting("kept") == 1
        assert broker.gone() is None
        assert {"beam.smp", "epmd"} <= set(at_home(tmp_path / "rabbitmq"))
        listening = [each for each in psutil.Process(server.pid).net_connections("inet") if each.status == "LISTEN"]
        assert {each.laddr.ip for each in listening} == {"127.0.0.1"}
        assert len(listening) == 2
    finally:
        await broker.close(1)
    assert broker.gone() is not None
    assert at_home(tmp_path / "rabbitmq") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rabbitmq.log"]


def at_home(folder: Path) -> list[str]:
    """Names of the processes that have that folder as their home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has ended, or is another user's
            if process.environ().get("HOME") == str(folder):
                found.append(process.name())
    return found


def amqp_message() -> object:
    """One that is kept on disk."""
    from amqp.basic_message import Message

    return Message(b"", delivery_mode=2)
