"""Finds a free port."""

import socket


def free_port() -> int:
    """A loopback port that was free a moment ago; another process may take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
