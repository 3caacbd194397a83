"""Keeps a job of the user's own on this machine, unless it may call others: Python's sockets connect to loopback alone.

Libraries that connect in C, such as libpq, are not seen.
"""

import ipaddress
import socket
import sys
from typing import Any

HOW = "allow it with --allow-remote --at-most N"
_allowed: set[str] = set()
_refused: list[str] = []
_installed: list[bool] = []


class NotLoopback(PermissionError):
    """Raised where a job connects to another machine that it may not call."""


def only_loopback() -> None:
    """From now on, for the rest of this process and of those that it forks."""
    if not _installed:
        sys.addaudithook(_look)
        _installed.append(True)


def allow(host: str | None) -> None:
    """The broker of the run may be elsewhere."""
    if host and not is_loopback(host):
        try:
            found = socket.getaddrinfo(host, None)
        except OSError:  # whoever connects gets the error
            return
        _allowed.update(str(address[4][0]) for address in found)
        _allowed.add(host)


def refused() -> list[str]:
    """What was refused in this process, as HOST:PORT, each once."""
    return list(dict.fromkeys(_refused))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host in ("localhost", "")


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = arguments[1]
    if not isinstance(address, tuple) or is_loopback(host := str(address[0])) or host in _allowed:
        return
    _refused.append(f"{host}:{address[1]}")
    raise NotLoopback(f"{host}:{address[1]} is not this machine: {HOW}")
