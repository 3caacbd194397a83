"""What a Redis that others run reports of itself."""

from unittest.mock import MagicMock

import pytest

from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url
from harness.services.brokers.redis import RedisBroker


@pytest.mark.parametrize("info", [{}, {"used_cpu_user": "much", "used_cpu_sys": 1}])
def test_usage_that_is_not_reported_is_named(monkeypatch: pytest.MonkeyPatch, info: dict[str, object]) -> None:
    """The role is missing then, with the reason; the trial goes on."""
    broker = RedisBroker(broker_url("redis://h:6379/0"), "x:", {}, None, shared=False)
    monkeypatch.setattr(broker, "_client", MagicMock(info=lambda _: info))
    with pytest.raises(ServiceError, match="the broker redis://h:6379/0 does not report its usage as Redis does"):
        broker.reading()
