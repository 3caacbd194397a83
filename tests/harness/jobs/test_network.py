"""A job reaches this machine alone, and no resolver: neither from Python's sockets nor from an event loop in C."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.jobs.network import is_loopback

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import asyncio, json, socket
from harness.contenders.settings.asyncio import uvloop_loop
from harness.jobs import network

network.only_loopback()
DGRAM = socket.SOCK_DGRAM

def tried(call):
    before = len(network._refused)
    try:
        call()
    except network.NotLoopback:
        return network._refused[before:]
    except OSError as error:
        return type(error).__name__
    return None

def on(new, call):
    loop = new()
    try:
        return loop.run_until_complete(call(loop))
    finally:
        loop.close()

async def to_itself(loop):
    server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    transport, _ = await loop.create_connection(asyncio.Protocol, *server.sockets[0].getsockname())
    transport.close()
    server.close()

def connect(loop, host):
    return loop.create_connection(asyncio.Protocol, host, 80)

async def by_socket(loop):
    with socket.socket() as plain:
        plain.setblocking(False)
        await loop.sock_connect(plain, ("no.invalid", 80))

cases = {
    "getaddrinfo": lambda: socket.getaddrinfo("no.invalid", 80),
    "bytes": lambda: socket.getaddrinfo(b"no.invalid", None),
    "gethostbyname": lambda: socket.gethostbyname("no.invalid"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("no.invalid"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("192.0.2.1"),
    "getnameinfo": lambda: socket.getnameinfo(("192.0.2.1", 80), 0),
    "connect": lambda: socket.socket().connect(("no.invalid", 80)),
    "connect_ex": lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
    "sendto": lambda: socket.socket(type=DGRAM).sendto(b"", ("no.invalid", 80)),
    "sendmsg": lambda: socket.socket(type=DGRAM).sendmsg([b""], [], 0, ("192.0.2.1", 80)),
    "bind": lambda: socket.socket().bind(("no.invalid", 0)),
    "a resolver": lambda: socket.socket(type=DGRAM).sendto(b"", ("127.0.0.53", 53)),
    "this machine": lambda: socket.gethostbyname(socket.gethostname()),
    "its full name": socket.getfqdn,
    "localhost": lambda: socket.getaddrinfo("localhost", 80),
    "any address": lambda: socket.socket().bind(("0.0.0.0", 0)),
    "none": lambda: socket.getaddrinfo(None, 80, flags=socket.AI_PASSIVE),
}
for name, new in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop_loop)):
    cases |= {
        f"{name} connection": lambda new=new: on(new, lambda loop: connect(loop, "no.invalid")),
        f"{name} address": lambda new=new: on(new, lambda loop: connect(loop, "192.0.2.1")),
        f"{name} datagrams": lambda new=new: on(
            new, lambda l: l.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("192.0.2.1", 80))
        ),
        f"{name} name": lambda new=new: on(new, lambda l: l.getaddrinfo("no.invalid", 80)),
        f"{name} socket": lambda new=new: on(new, by_socket),
        f"{name} itself": lambda new=new: on(new, to_itself),
    }
network.allow("127.0.0.1")
found = {name: tried(call) for name, call in cases.items()}
network._allowed.add("broker.invalid")
found["an allowed one"] = tried(lambda: socket.getaddrinfo("broker.invalid", 80))
print(json.dumps(found))
"""
NAME, ADDRESS = ["no.invalid:80"], ["192.0.2.1:80"]
EXPECTED = {
    "getaddrinfo": NAME,
    "bytes": ["no.invalid"],
    "gethostbyname": ["no.invalid"],
    "gethostbyname_ex": ["no.invalid"],
    "gethostbyaddr": ["192.0.2.1"],
    "getnameinfo": ADDRESS,
    "connect": NAME,
    "connect_ex": ADDRESS,
    "sendto": NAME,
    "sendmsg": ADDRESS,
    "bind": ["no.invalid"],
    "a resolver": ["127.0.0.53:53"],
    "this machine": [],
    "its full name": None,
    "localhost": None,
    "any address": None,
    "none": None,
    "an allowed one": "gaierror",
    **{f"{loop} {what}": NAME for loop in ("asyncio", "uvloop") for what in ("connection", "name", "socket")},
    **{f"{loop} {what}": ADDRESS for loop in ("asyncio", "uvloop") for what in ("address", "datagrams")},
    **{f"{loop} itself": None for loop in ("asyncio", "uvloop")},
}


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    """What came of each; an audit hook stays for good, so that a process of its own has it."""
    ended = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


@pytest.mark.parametrize("case", EXPECTED)
def test_other_machines_and_resolvers_are_out_of_reach(found: dict[str, object], case: str) -> None:
    """Refused before a resolver is asked, and noted; this machine is not."""
    assert found[case] == EXPECTED[case]


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("", True),
        ("::ffff:192.0.2.1", False),
        ("192.0.2.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_has_many_names(host: str, is_one: bool) -> None:
    """IPv4 within IPv6 is one of them."""
    assert is_loopback(host) is is_one
