"""after_response: a web application that answers, and leaves work behind."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from workloads.left_behind import LeftBehind, LeftBehindParams
from workloads.origin_url import slow_url
from workloads.scenario import ScenarioContext
from workloads.web import served
from workloads.workload import Measure, Payload, Services

if TYPE_CHECKING:
    import aiohttp


class AfterResponseParams(LeftBehindParams, frozen=True, kw_only=True):
    """Settings of `after_response`."""


class AfterResponse(LeftBehind[AfterResponseParams]):
    """What does that add to the response, and when is it done?

    On asyncio, a Starlette application adds a `BackgroundTask` (FastAPI's is the same), which its process runs after
    the response. On Celery, it publishes a task before it answers, which blocks its event loop for so long. `plain_ms`:
    a response without work; `caller_ms`: with it; `done_ms`: until the origin has seen the work done. `--load
    crash:kill-app@20:open:50/s` counts what a killed application loses.
    """

    summary = "answers, and leaves work behind: Starlette's BackgroundTask against delay()"
    in_practice = "an e-mail after a sign-up, a webhook"
    look_at = "`caller_ms` less `plain_ms`, which each response pays for, and what is lost with the process"
    is_about = Measure("caller_ms", "time until the response")
    Params = AfterResponseParams
    requires = ("starlette", "uvicorn")
    extra = "asgi"
    tells = True

    def __init__(self, params: AfterResponseParams, services: Services, seed: int) -> None:
        super().__init__(params, services, seed)
        self._client: aiohttp.ClientSession
        self._handlers: dict[str, Callable[[], object]] = {}
        """What is done for each request that is under way, by its key."""

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """The application, and what calls it."""
        import aiohttp

        connector = aiohttp.TCPConnector(limit=0)
        async with (
            served(lambda key: self._handlers[key]()) as url,
            aiohttp.ClientSession(url, connector=connector, raise_for_status=True) as client,
        ):
            self._client = client
            yield

    def payload(self, number: int) -> Payload:
        """The URL to call, without what tells its requests apart."""
        return {"url": f"{self.services.origin_url}/visit"}

    async def run(self, context: ScenarioContext, payload: Payload) -> Any:
        """Ask for a plain response, then for one that leaves work behind; the origin reports when that was done."""
        began = context.now()
        await self._answered("GET", "/")
        asked = context.now()
        url = slow_url(payload["url"], f"/{context.id}", self.params.latency_ms)
        self._handlers[context.id] = lambda: context.start({"url": url})
        try:
            await self._answered("POST", f"/{context.id}")
        finally:
            del self._handlers[context.id]
        answered = context.now()
        context.accepted()
        return {
            "plain_ms": 1000 * (asked - began),
            "caller_ms": 1000 * (answered - asked),
            "done_ms": await self.done_ms(context, asked),
        }

    async def _answered(self, method: str, path: str) -> None:
        async with self._client.request(method, path):
            pass

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """The response without work and with it, and when that is done."""
        return {"plain_ms": reply["plain_ms"], "caller_ms": reply["caller_ms"], "done_ms": reply["done_ms"][0]}


WORKLOAD = AfterResponse
