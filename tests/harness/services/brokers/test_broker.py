"""The broker: no password is ever shown, and only the run's own keys are removed."""

import asyncio
import string
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ServiceError, UsageError
from harness.services.brokers.broker import check_url, without_password
from harness.services.brokers.redis import BROKER

PASSWORDS = st.text(string.ascii_letters + string.digits + "!$%&*+-.:;=_~", min_size=1).map(lambda text: f"Q{text}Q")


@given(password=PASSWORDS, user=st.sampled_from(["", "me"]), scheme=st.sampled_from(["redis", "rediss"]))
def test_a_password_in_a_url_is_never_shown(password: str, user: str, scheme: str) -> None:
    """Whatever it is made of; user, host and port stay."""
    shown = without_password(f"workbench run --broker {scheme}://{user}:{password}@host:6379/0 --quiet")
    assert password not in shown
    assert f"{scheme}://{user}:***@host:6379/0 --quiet" in shown


def test_a_password_in_the_query_is_not_shown_either() -> None:
    """redis-py takes it there too."""
    assert without_password("redis://h/0?password=sesame&db=1") == "redis://h/0?password=***&db=1"


def test_a_url_of_another_kind_is_bad_usage() -> None:
    """The schemes are named."""
    with pytest.raises(UsageError, match="redis://HOST"):
        check_url("http://guest:guest@localhost/")


def test_nothing_there_is_a_service_error() -> None:
    """With what to do."""
    with pytest.raises(ServiceError, match="Is Redis running there"):
        check_url("redis://127.0.0.1:1/0")


async def test_only_keys_below_the_prefix_are_removed(tmp_path: Path) -> None:
    """Signs that mean something in a pattern mean themselves."""
    own = await BROKER.open(None, "mine:", tmp_path)
    broker = await BROKER.open(own.place.url, "mine:[a]*:", tmp_path)
    try:
        with redis.Redis.from_url(broker.place.url) as client:
            client.mset({"mine:[a]*:1": 1, "mine:[a]*:2": 1, "mine:a:1": 1, "other": 1})
            assert await asyncio.to_thread(broker.remove_keys) == 2
            assert sorted(client.keys("*")) == [b"mine:a:1", b"other"]
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
