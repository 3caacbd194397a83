"""The brokers of a run: those that its contenders need, and the result backends of those that store no results."""

from collections.abc import Iterable
from pathlib import Path

from harness.results import model
from harness.services.brokers.broker import EXTERNAL_PREFIX, KEEPER, RPC, BrokerService, kind
from harness.services.url import Url


class RunBrokers:
    """Opened once a boot, closed at its end."""

    def __init__(self, urls: dict[str, Url], result_backend: Url | None, *, external: bool) -> None:
        """`urls`: kind of broker → where one was given. `external`: whether workers started elsewhere wait there."""
        self._urls = urls
        self._result_backend = result_backend
        self._external = external
        self._open: dict[str, BrokerService] = {}
        self._keepers: dict[Url | None, BrokerService] = {}
        """What keeps results: URL (None: one of the run's own) → the Redis there."""

    def missing(self, name: str) -> str | None:
        """Why no broker of that kind will be available; None if one will."""
        if name in self._urls or kind(name).own:
            return None
        return f"no {name} was given: --broker {kind(name).example}"

    async def open(self, names: Iterable[str], key_prefix: str, folder: Path) -> None:
        """Open one of each kind; raises ServiceError if one is not available."""
        prefix = EXTERNAL_PREFIX if self._external else key_prefix
        for name in sorted(names):
            url = self._urls.get(name)
            if name == KEEPER:
                self._open[name] = await self._keeper(url, prefix, folder)
                continue
            results = await self._results(prefix, folder)
            self._open[name] = await kind(name).open(url, prefix, folder, shared=self._external, results=results)

    async def _results(self, prefix: str, folder: Path) -> BrokerService | None:
        """What keeps the results of a broker that does not; None: they are messages."""
        url = self._result_backend or self._urls.get(KEEPER)
        if url == RPC or (url is None and self._external):
            return None
        return await self._keeper(url, prefix, folder)

    async def _keeper(self, url: Url | None, prefix: str, folder: Path) -> BrokerService:
        if url not in self._keepers:
            self._keepers[url] = await kind(KEEPER).open(url, prefix, folder, shared=self._external)
        return self._keepers[url]

    def __getitem__(self, name: str) -> BrokerService:
        return self._open[name]

    def __contains__(self, name: object) -> bool:
        return name in self._open

    def serving(self, name: str) -> list[BrokerService]:
        """The broker of that kind, and what keeps the results if it does not do so itself."""
        return [self._open[name], *(keeper for keeper in self._keepers.values() if keeper is not self._open[name])]

    def described(self) -> list[model.BrokerDescription]:
        """For the results document; the default one first."""
        return [self._open[name].describe() for name in sorted(self._open, key=lambda name: name != KEEPER)]

    def gone(self) -> str | None:
        """How one of the run's own ended; None while all run."""
        return next(filter(None, (broker.gone() for broker in self.opened())), None)

    async def close(self, grace_s: float) -> None:
        """Close all, those that keep results last."""
        for broker in self.opened():
            await broker.close(grace_s)

    def opened(self) -> list[BrokerService]:
        """All that are open, those that keep results last."""
        keepers = list(self._keepers.values())
        return [broker for broker in self._open.values() if broker not in keepers] + keepers
