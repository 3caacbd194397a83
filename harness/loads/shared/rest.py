"""When a load has come to rest, by what is seen of it: only then its measured window opens."""

import asyncio

from harness.loads.shared.issuer import Issuer
from harness.statistics.stationarity import is_at_rest

REPLIES = 2
"""Of each client of a closed load: the second reply has waited in whatever queue the first ones have built up."""
SAMPLE_LEAST_S = 0.005
SAMPLES_A_REPLY = 4
SAMPLES_A_TEST = 10
LIMIT_LEAST_S, LIMIT_SEEN_MOST_S = 3.0, 10.0
LIMIT_SERVICES, LIMIT_REPLIES = 10, 40
"""An open load is given so many service times, or so many of the response times that are seen if those are longer: up
to a limit, because where more arrives than is served they get longer for ever."""


class EveryClientReplied:
    """A closed load is at rest once each client has had so many replies."""

    def __init__(self, clients: int) -> None:
        self._left = clients
        self._all = asyncio.Event()

    def note_client(self) -> None:
        """One more client has had them."""
        self._left -= 1
        if self._left == 0:
            self._all.set()

    async def wait(self) -> bool:
        """Until all have; True."""
        return await self._all.wait()


async def in_flight_at_rest(issuer: Issuer, service_s: float) -> bool:
    """Wait until the number of requests under way shows no trend: an open load is at rest. False where it never is."""
    period_s = max(SAMPLE_LEAST_S, service_s / SAMPLES_A_REPLY)
    samples: list[float] = []
    while len(samples) * period_s < _limit_s(issuer, service_s):
        await asyncio.sleep(period_s)
        samples.append(issuer.under_way)
        if len(samples) % SAMPLES_A_TEST == 0 and is_at_rest(samples):
            return True
    return False


def _limit_s(issuer: Issuer, service_s: float) -> float:
    seen_s = min(LIMIT_SEEN_MOST_S, LIMIT_REPLIES * (issuer.recent_s() or 0.0))
    return max(LIMIT_LEAST_S, seen_s, LIMIT_SERVICES * service_s)
