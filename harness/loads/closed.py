"""closed:N: N clients, each sends its next request when it has the reply to its last."""

import asyncio
from typing import Any

from harness.contenders.contender import even_part
from harness.loads.load import Load, Measuring, amount
from harness.loads.shared.issuer import ROUND
from harness.loads.shared.rest import REPLIES, EveryClientReplied
from harness.statistics.metrics import THROUGHPUT

ENDLESS = -1


class Closed(Load):
    """A fixed number of requests under way: shows throughput, not latency (Little's law sets that)."""

    summary = "N clients, each sends the next request when it has its reply"
    syntax = "closed:N"
    kind = "closed"
    steady = True
    ranked = (THROUGHPUT.key,)

    def __init__(self, clients: int) -> None:
        self.clients = clients

    @classmethod
    def parse(cls, text: str, where: str) -> "Closed":
        """`N`."""
        return cls(amount(text, "closed:N with the number of clients", where, most=100_000))

    @property
    def text(self) -> str:
        """As it is written."""
        return f"closed:{self.clients}"

    def share(self, index: int, drivers: int) -> "Closed | None":
        """Its part of the clients."""
        return Closed(even_part(self.clients, index, drivers)) if self.clients >= drivers else None

    def settings(self) -> dict[str, Any]:
        """Its clients."""
        return {"clients": self.clients}

    @property
    def population(self) -> int:
        """Its clients."""
        return self.clients

    def expected_s(self, service_s: float, slots: int | None) -> float:
        """All clients ahead in the queue, served `slots` at a time."""
        return service_s * max(1.0, self.clients / (slots or self.clients))

    async def run(self, trial: Measuring) -> None:
        """Start the clients spread over one service time, so that they do not move in waves."""
        spacing_s = trial.service_s / self.clients
        rest = EveryClientReplied(self.clients)
        clients = [asyncio.create_task(self._client(trial, number * spacing_s, rest)) for number in range(self.clients)]
        await trial.steady_window(rest.wait())
        await asyncio.gather(*clients)

    async def _client(self, trial: Measuring, delay_s: float, rest: EveryClientReplied) -> None:
        """Its next request is due when it has its reply: what it still waits for then is part of the latency."""
        await asyncio.sleep(delay_s)
        issuer, task = trial.issuer, asyncio.current_task()
        if not issuer.accepting:
            return
        done_ns = await issuer.issue(issuer.clock.now(), task, REPLIES)
        rest.note_client()
        await ROUND  # work that never waits would keep the loop from everybody else
        if issuer.accepting:
            await issuer.issue(issuer.due_after(done_ns), task, ENDLESS)


LOAD = Closed
