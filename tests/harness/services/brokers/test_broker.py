"""The broker: what is said of a URL at which none answers, and that only the run's own keys are removed."""

import asyncio
from pathlib import Path

import pytest
import redis

from harness.errors import ServiceError, UsageError
from harness.services.brokers.broker import broker_url, check_broker
from harness.services.brokers.redis import BROKER


def test_a_url_of_another_kind_is_bad_usage() -> None:
    """The schemes are named."""
    with pytest.raises(UsageError, match="redis://HOST"):
        broker_url("http://guest:guest@localhost/")


def test_nothing_there_is_a_service_error() -> None:
    """With what to do."""
    with pytest.raises(ServiceError, match="Is Redis running there"):
        check_broker(broker_url("redis://127.0.0.1:1/0"))


async def test_only_queues_below_the_prefix_are_removed(tmp_path: Path) -> None:
    """By their names, and what kombu keeps of them; keys that nobody has noted stay, such as results, which expire."""
    own = await BROKER.open(None, "mine:", tmp_path)
    broker = await BROKER.open(own.place.url, "mine:[a]*:", tmp_path)
    try:
        with redis.Redis.from_url(broker.place.url.reveal()) as client:
            client.mset({"mine:[a]*:q": 1, "mine:[a]*:unacked": 1, "mine:a:q": 1, "mine:[a]*:x": 1, "other": 1})
            await asyncio.to_thread(broker.note, ["q"])
            client.config_resetstat()
            await asyncio.to_thread(broker.remove_keys)
            assert not {"cmdstat_scan", "cmdstat_keys"} & client.info("commandstats").keys()
            await asyncio.to_thread(broker.forget_results, 1, unclean=True)  # of an earlier trial
            assert sorted(client.keys("*")) == [b"mine:[a]*:x", b"mine:a:q", b"other"]
        first = await asyncio.to_thread(broker.reading)
        second = await asyncio.to_thread(broker.reading)
        assert first.count is not None
        assert second.count is not None
        assert second.count > first.count
        assert not broker.describe().own
        assert own.describe().own
        assert own.place.key_prefix == ""
    finally:
        await broker.close(2)
        await own.close(2)
    assert broker.gone() is None
    assert own.gone() is not None
