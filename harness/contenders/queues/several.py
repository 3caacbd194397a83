"""Several sets of workers that share the requests of a contender, as one set."""

import asyncio
from collections.abc import Sequence
from typing import Any

from harness.contenders.celery.answers import all_executed
from harness.contenders.contender import Workers
from harness.machine.usage import Reading, together
from harness.recording.executed import Executed
from harness.results.model import Worker


class SeveralWorkers:
    """Workers that take from one queue, or from one on each of several brokers."""

    def __init__(self, workers: Sequence[Workers], *, in_turn: bool = False) -> None:
        """`in_turn`: whether they are started one after the other, because other runs may want the same ones."""
        self._workers = workers
        self._in_turn = in_turn

    async def start(self) -> None:
        """All at once, unless in turn."""
        if self._in_turn:
            for worker in self._workers:
                await worker.start()
        else:
            await asyncio.gather(*(worker.start() for worker in self._workers))

    async def ensure(self) -> None:
        """Start those again that have died."""
        await asyncio.gather(*(worker.ensure() for worker in self._workers))

    async def reading(self, *, memory: bool) -> Reading:
        """The usage of all."""
        return together(await asyncio.gather(*(worker.reading(memory=memory) for worker in self._workers)))

    async def executed(self, trial: int) -> Executed:
        """All that any of them executed."""
        return all_executed(await asyncio.gather(*(worker.executed(trial) for worker in self._workers)))

    def dead(self) -> str | None:
        """How one of them has ended; None while all run."""
        return next(filter(None, (worker.dead() for worker in self._workers)), None)

    def processes(self) -> list[int]:
        """Those of all."""
        return [pid for worker in self._workers for pid in worker.processes()]

    def stopped(self) -> str | None:
        """That of one of them."""
        return next(filter(None, (worker.stopped() for worker in self._workers)), None)

    async def silent(self) -> str | None:
        """Which of them does not answer; all are asked at once."""
        return next(filter(None, await asyncio.gather(*(worker.silent() for worker in self._workers))), None)

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """All of them; the settings that they share, with the slots of all once all are up."""
        described = [worker.described() for worker in self._workers]
        known = [effective for _, effective in described if effective]
        shared = dict(known[0]) if known else {}
        shared.pop("slots", None)
        if len(known) == len(described):
            shared["slots"] = sum(effective.get("slots", 0) for effective in known)
        return [worker for workers, _ in described for worker in workers], shared

    async def stop(self, grace_s: float) -> None:
        """All at once."""
        await asyncio.gather(*(worker.stop(grace_s) for worker in self._workers))
