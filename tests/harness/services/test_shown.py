"""What may be shown of a library's error: nothing that quotes a secret."""

from harness.services.brokers.broker import broker_url
from harness.services.shown import one_line

URL = broker_url("redis://:s3cr3t@h:1/0")


def test_an_error_is_shown_on_one_line() -> None:
    """Its type stands for one without a text."""
    assert one_line(OSError("cannot reach\n  redis at h:1."), URL) == "cannot reach redis at h:1"
    assert one_line(TimeoutError(), URL) == "TimeoutError"


def test_an_error_that_quotes_a_secret_is_its_type_alone() -> None:
    """However the library words it."""
    assert one_line(ValueError("Port could not be cast to integer value as 's3cr3t'"), URL) == "ValueError"
    assert one_line(OSError("redis://:s3cr3t@h:1/0 refused"), URL) == "OSError"
