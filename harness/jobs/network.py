"""Keeps a job of the user's own on this machine, unless it may call others: it reaches loopback, and no resolver.

Watched are Python's sockets, its look-ups of names, and uvloop's. Libraries that connect or resolve in C, such as
libpq, librdkafka, grpc or c-ares, are not seen.
"""

import functools
import ipaddress
import socket
import sys
from collections.abc import Callable
from typing import Any

HOW = "allow it with --allow-remote --at-most N"
RESOLVER_PORTS = ("53", "853", "domain")
"""What answers there asks other machines, also where it is on this one (systemd's is on 127.0.0.53)."""
_ADDRESS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getnameinfo": 0}
"""Event → which of its arguments is the address."""
_HOST = ("socket.gethostbyname", "socket.gethostbyaddr")
_RESOLVES_FIRST = ("connect", "connect_ex", "sendto", "bind")
"""Methods of a socket that look a name up in C, before their event is raised."""
_allowed: set[str] = set()
_refused: list[str] = []
_installed: list[bool] = []


class NotLoopback(PermissionError):
    """Raised where a job connects to another machine that it may not call, or looks its name up."""


def only_loopback() -> None:
    """From now on, for the rest of this process and of those that it forks."""
    if _installed:
        return
    _installed.append(True)
    for name in _RESOLVES_FIRST:
        setattr(socket.socket, name, _checked(getattr(socket.socket, name)))
    if (uvloop := sys.modules.get("uvloop")) is not None:
        guard_loop(uvloop.Loop)
    sys.addaudithook(_look)


def guard_loop(loop: Any) -> None:
    """Have a kind of event loop that resolves and connects in C ask before, if this process stays on this machine."""
    if not _installed or getattr(loop, "asks_first", False):
        return
    loop.asks_first = True
    for name, asked in _OF_LOOP.items():
        setattr(loop, name, _asking(getattr(loop, name), asked))


def allow(host: str | None) -> None:
    """The broker of the run may be elsewhere."""
    if host and not is_loopback(host) and host not in _allowed:
        _allowed.add(host)
        try:
            found = socket.getaddrinfo(host, None)
        except OSError:  # whoever connects gets the error
            return
        _allowed.update(str(address[4][0]) for address in found)


def refused() -> list[str]:
    """What was refused in this process, as HOST:PORT or a name that was looked up, each once."""
    return list(dict.fromkeys(_refused))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    address = _address(host)
    return host in ("localhost", "") if address is None else address.is_loopback


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in _ADDRESS:
        address = arguments[_ADDRESS[event]]
        if isinstance(address, tuple):
            _check(address[0], address[1])
    elif event == "socket.getaddrinfo":
        _check(arguments[0], arguments[1])
    elif event in _HOST:
        _check(arguments[0], None)


def _check(host: Any, port: Any) -> None:
    """Raise NotLoopback for another machine, or for what asks one."""
    if host is None:
        return
    host = _text(host)
    if host in _allowed:
        return
    where = f"{host}:{port}" if port else host
    if not (is_loopback(host) or _is_any(host)):
        if host != socket.gethostname():  # libraries ask for this machine's full name, and do without
            _refused.append(where)
        raise NotLoopback(f"{where} is not this machine: {HOW}")
    if str(port) in RESOLVER_PORTS:
        _refused.append(where)
        raise NotLoopback(f"{where} resolves names, for which it asks other machines: {HOW}")


def _text(host: Any) -> str:
    return bytes(host).decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)


def _is_any(host: str) -> bool:
    """Whether it stands for all addresses of this machine; to connect to it is to connect to loopback."""
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a socket whose last argument is an address. Any address of this machine may be bound."""

    @functools.wraps(method)
    def ask_first(self: Any, *arguments: Any) -> Any:
        if arguments and isinstance(address := arguments[-1], tuple) and len(address) > 1:
            host, port = address[:2]
            if method.__name__ != "bind":
                _check(host, port)
            elif _address(_text(host)) is None:
                _check(host, None)
        return method(self, *arguments)

    return ask_first


Asked = Callable[..., tuple[Any, Any]]


def _of_connection(_factory: Any = None, host: Any = None, port: Any = None, **_others: Any) -> tuple[Any, Any]:
    return host, port


def _of_datagrams(_factory: Any = None, _local: Any = None, remote_addr: Any = None, **_others: Any) -> tuple[Any, Any]:
    return _of_address(None, remote_addr)


def _of_address(_socket: Any, address: Any) -> tuple[Any, Any]:
    return (address[0], address[1]) if isinstance(address, tuple) else (None, None)


def _of_name(host: Any = None, port: Any = None, **_others: Any) -> tuple[Any, Any]:
    return host, port


_OF_LOOP: dict[str, Asked] = {
    "create_connection": _of_connection,
    "create_datagram_endpoint": _of_datagrams,
    "getaddrinfo": _of_name,
    "sock_connect": _of_address,
}
"""Method of an event loop → the host and the port in its arguments."""


def _asking(method: Callable[..., Any], asked: Asked) -> Callable[..., Any]:
    @functools.wraps(method)
    async def ask_first(self: Any, *arguments: Any, **named: Any) -> Any:
        _check(*asked(*arguments, **named))
        return await method(self, *arguments, **named)

    return ask_first
