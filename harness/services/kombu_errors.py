"""Translates what kombu and the clients below it raise when a broker does not answer."""

import contextlib
from collections.abc import Iterator
from typing import Any

from harness.errors import ServiceError
from harness.services.shown import one_line
from harness.services.url import Url


@contextlib.contextmanager
def as_service_error(connection: Any, url: Url) -> Iterator[None]:
    """Raise ServiceError that names the broker for an error of this connection's transport, whichever that is."""
    from kombu.exceptions import KombuError

    failures = (*connection.connection_errors, *connection.channel_errors, KombuError, OSError)
    try:
        yield
    except failures as error:
        raise ServiceError(f"the broker {url} did not answer: {one_line(error, url)}.") from None
