"""Whether a Redis can serve a run: whatever it says of itself, the answer is yes or a reason."""

from typing import Any
from unittest.mock import MagicMock

import pytest

from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url
from harness.services.redis_client import examined

URL = broker_url("redis://h:6379/0")


@pytest.mark.parametrize("version", ["6.2.0", "7.2.5", 7.2, "8.1", "255.255.255", "7.4.0-dragonfly"])
def test_a_version_that_is_new_enough_is_taken(version: Any) -> None:
    """redis-py reads `7.2` as a number."""
    info = {"redis_version": version}
    assert examined(MagicMock(info=lambda: info), URL, "x:") == info


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ({}, "is Redis None; 6.2 or later"),
        ({"redis_version": "v7"}, "is Redis v7; 6.2 or later"),
        ({"redis_version": "6.0.16"}, "is Redis 6.0.16; 6.2 or later"),
        ({"redis_version": {"a": 1}}, "6.2 or later"),
        ({"redis_version": "9" * 5000 + ".1"}, "6.2 or later"),
        ({"redis_version": "8.0", "redis_mode": "sentinel"}, "is a sentinel"),
    ],
)
def test_any_other_is_refused_with_the_reason(info: dict[str, Any], reason: str) -> None:
    """Never another error."""
    with pytest.raises(ServiceError, match=reason):
        examined(MagicMock(info=lambda: info), URL, "x:")


def test_a_mode_of_any_kind_is_no_error() -> None:
    """A server may say anything."""
    info = {"redis_version": "8.0", "redis_mode": {"a": 1}}
    assert examined(MagicMock(info=lambda: info), URL, "x:") == info
