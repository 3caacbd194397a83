"""Finds a free port."""

import socket

from harness.errors import ServiceError

CONNECT_LIMIT_S = 1.0


def free_port() -> int:
    """A loopback port that was free a moment ago; another process may take it first. Raises ServiceError."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
            probe.listen(1)
            port = int(probe.getsockname()[1])
            socket.create_connection(("127.0.0.1", port), CONNECT_LIMIT_S).close()
        except OSError as error:
            raise ServiceError(
                f"this machine cannot reach itself at 127.0.0.1 ({error.strerror or error}), where a run's own servers "
                "listen. Bring its loopback interface up: ip link set lo up"
            ) from None
    return port
