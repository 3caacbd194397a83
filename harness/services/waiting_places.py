"""Where workers and drivers wait for runs: on one broker of each kind, or on several of one kind."""

from collections.abc import Sequence

from harness.errors import UsageError
from harness.services.brokers.broker import EXTERNAL_PREFIX, KEEPER, RPC, BrokerPlace, is_own, kind_of
from harness.services.url import Url


def waiting_place(url: Url, backend: Url | None) -> BrokerPlace:
    """Where workers wait for runs; results go where was said, else to the broker itself."""
    if kind_of(url) == "redis":
        return BrokerPlace(url=url, backend=url, key_prefix=EXTERNAL_PREFIX)
    control = EXTERNAL_PREFIX.rstrip(":")
    return BrokerPlace(url=url, backend=backend or RPC, key_prefix=EXTERNAL_PREFIX, control=control)


def by_kind(urls: Sequence[Url]) -> dict[str, list[Url]]:
    """Kind → the brokers of it, in order: one of each kind, or shards of one; raises UsageError for anything else.

    A kind has none where the run is to start one of its own.
    """
    found: dict[str, list[Url]] = {}
    for url in urls:
        found.setdefault(kind_of(url), []).append(url)
    if len(found) > 1 and len(found) < len(urls):
        several = next(name for name, those in found.items() if len(those) > 1)
        raise UsageError(
            f"--broker: {len(found[several])} brokers of the kind {several}, and one of another kind. Give one of each "
            "kind, which are compared, or several of one kind, which share the requests."
        )
    servers = [(url.host, url.port, url.path) for url in urls]
    if (
        twice := next((url for url, server in zip(urls, servers, strict=True) if servers.count(server) > 1), None)
    ) is not None:
        name = twice.host if is_own(twice) else twice
        raise UsageError(f"--broker: {name} is given twice. Shards are different brokers, or databases of one.")
    for name, those in found.items():
        if any(map(is_own, those)) and len(those) > 1:
            raise UsageError(f"--broker: {name} is to be started by the run, and one is given. Leave out one of them.")
    return {name: [url for url in those if not is_own(url)] for name, those in found.items()}


def waiting_places(urls: Sequence[Url], backend: Url | None) -> dict[str, list[BrokerPlace]]:
    """Kind → where a driver meets workers that wait for runs, on each of its brokers; raises UsageError."""
    found = by_kind(urls)
    results = backend or next(iter(found.get(KEEPER, [])), None)
    return {name: [waiting_place(url, results) for url in those] for name, those in found.items()}
