"""The brokers of a run: several of a kind are different ones."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ServiceError
from harness.services import run_brokers
from harness.services.brokers.broker import broker_url
from harness.services.causes import Peer
from harness.services.run_brokers import RunBrokers
from harness.services.url import Url
from tests.harness.session.doubles import BrokerDouble

URLS = [broker_url("redis://localhost:1/0"), broker_url("redis://127.0.0.1:1")]


class Named(BrokerDouble):
    """Reached by a URL, and known by its name."""

    def __init__(self, url: Url, name: str) -> None:
        super().__init__(own=False)
        self.peer = Peer(f"the broker {url}", "Redis")
        self.name = name

    @property
    def identity(self) -> str:
        """As given."""
        return self.name


class Kind:
    """Opens brokers of these names, one after the other."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)

    def are_one(self, one: Named, other: Named) -> bool:
        """Those of one name."""
        return one.name == other.name

    async def open(self, url: Url, *_: Any, **__: Any) -> Named:
        """The next one."""
        return Named(url, self.names.pop(0))


async def test_a_broker_that_is_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However it is written: its workers would have all their slots on each of two shards."""
    said = r"the broker redis://localhost:1/0 and the broker redis://127.0.0.1:1 are one broker \(a 0\)"
    for names, error in ((("a 0", "a 0"), said), (("a 0", "a 1"), None)):
        brokers, kind = RunBrokers({"redis": URLS}, None, external=True), Kind(*names)
        monkeypatch.setattr(run_brokers, "kind", {"redis": kind}.get)
        with pytest.raises(ServiceError, match=error) if error else contextlib.nullcontext():
            await brokers.open(["redis"], "", tmp_path)
        assert len(brokers.shards("redis")) == 2
