"""Runs a scenario on the open side of a contender: starts jobs, and asks the origin for their visits."""

import asyncio
import platform
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, cast

from harness.contenders.contender import Assignment, Driven, Outcome, Request, StartsJobs, attempt
from harness.machine.clock import NS, Clock
from harness.machine.usage import boot_id
from workloads.scenario import Job, Scenario
from workloads.workload import Payload, Workload

Submit = Callable[[Request], Awaitable[Outcome]]
TOLD: ContextVar[asyncio.Event] = ContextVar("told")
"""What is set once the caller of a request has been told that its work will be done."""


@asynccontextmanager
async def submitter(
    side: Driven, workload: Workload[Any], assignment: Assignment, clock: Clock
) -> AsyncIterator[Submit]:
    """What a request is submitted by: the side itself, or the scenario that is played on it."""
    if not isinstance(workload, Scenario):
        yield side.submit
        return
    import aiohttp  # only here: the driver of another workload does without it

    no_limit = aiohttp.ClientTimeout(total=None)  # the request that asks has its own deadline
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=no_limit, raise_for_status=True) as http:
        visits = Visits(http, assignment.services.origin_url or "")
        async with workload.playing():
            yield ScenarioPlayer(cast(StartsJobs, side), workload, visits, clock, assignment.trial).submit


class Visits:
    """The origin's diary: asks it when a job came by."""

    def __init__(self, http: Any, url: str) -> None:
        self._http = http
        self._url = url

    async def at_ns(self, key: str, at_least: int, within_s: float, now: Callable[[], int]) -> list[int]:
        """When `key` was visited, in ns of the clock `now`; from another machine, to half the time that asking took."""
        query = {"at_least": at_least, "within_s": within_s}
        asked = now()
        async with self._http.get(f"{self._url}/visits/{key}", params=query) as answer:
            diary = await answer.json()
        offset = 0 if diary["boot_id"] == boot_id() else (asked + now()) // 2 - diary["now_ns"]
        return [at + offset for at in diary["at_ns"]]


class ScenarioPlayer:
    """Submits requests by playing the scenario."""

    def __init__(self, side: StartsJobs, scenario: Scenario[Any], visits: Visits, clock: Clock, trial: int) -> None:
        self.side = side
        self.visits = visits
        self.now_ns = clock.now
        self.trial = trial
        self._scenario = scenario
        self._host = platform.node()

    async def submit(self, request: Request) -> Outcome:
        """Play it once. Its execution is all that happens after the first job has been started."""
        context = RequestContext(self, request)
        outcome = Outcome(host=self._host, boot_id=boot_id())
        try:
            outcome.reply, outcome.error = await attempt(self._scenario.run(context, request.payload))
        finally:
            context.clear()
        outcome.publish_end_ns = outcome.exec_start_ns = context.started_ns
        outcome.exec_end_ns = self.now_ns()
        return outcome


class RequestContext:
    """What a scenario works with for one request (`workloads.scenario.ScenarioContext`)."""

    def __init__(self, player: ScenarioPlayer, request: Request) -> None:
        self.id = f"{player.trial}.{request.id}"
        self.number = request.id
        self.started_ns = 0
        self._player = player
        self._request = request
        self._jobs: list[Any] = []

    def now(self) -> float:
        """Seconds of the driver's clock."""
        return self._player.now_ns() / NS

    def start(self, payload: Payload) -> Job:
        """Start a job on the side."""
        job = self._player.side.start_job(Request(self._request.id, payload))
        self._jobs.append(job)
        self.started_ns = self.started_ns or self._player.now_ns()
        return job

    def accepted(self) -> None:
        """Whoever notes what becomes of the request hears of it."""
        if (told := TOLD.get(None)) is not None:
            told.set()

    async def visits(self, key: str, at_least: int = 0, within_s: float = 0.0) -> list[float]:
        """When the origin saw `GET /visit/KEY`, in seconds of the driver's clock."""
        return [at / NS for at in await self._player.visits.at_ns(key, at_least, within_s, self._player.now_ns)]

    def clear(self) -> None:
        """End what the jobs still run in this process."""
        for job in self._jobs:
            job.forget()
