"""The harness's requests to the origin, which are neither slowed down nor counted."""

from time import monotonic_ns

from aiohttp import web

from harness.machine.usage import as_json, boot_id, read_tree
from origin.counters import Counters
from origin.diary import Diary
from origin.identity import identity
from origin.slowness import Handler
from origin.under_way import UnderWay

VISITS_LONGEST_S = 3600.0


class Questions:
    """Answers about the whole origin; any of its processes can give them."""

    def __init__(self, counters: Counters, under_way: UnderWay, diary: Diary, root_pid: int, seed: int) -> None:
        self._counters = counters
        self._under_way = under_way
        self._diary = diary
        self._root_pid = root_pid
        self._seed = seed

    def gets(self) -> dict[str, Handler]:
        """Path → handler of `GET`."""
        return {
            "/health": self.health,
            "/workbench": self.workbench,
            "/usage": self.usage,
            "/visits": self.all_visits,
            "/visits/{key}": self.visits,
        }

    async def health(self, request: web.Request) -> web.StreamResponse:
        """Answer that the origin is running."""
        return web.json_response({"status": "ok"})

    async def workbench(self, request: web.Request) -> web.StreamResponse:
        """What it is, and what it would make of the query's parameters; 400 for values that it refuses."""
        try:
            return web.json_response(identity(self._seed, self._counters.processes, request.query))
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None

    async def usage(self, request: web.Request) -> web.StreamResponse:
        """Usage of the process tree with the counters; memory only where the query has `memory=1`."""
        memory = request.query.get("memory") == "1"
        counters = self._counters
        parts = self._under_way.parts(monotonic_ns()) if counters.processes == 1 else None  # of this process alone
        reading = read_tree(
            self._root_pid, memory=memory, count=counters.requests(), busy_s=counters.busy_s(), parts=parts
        )
        return web.json_response(as_json(reading))

    async def visits(self, request: web.Request) -> web.StreamResponse:
        """When `GET /visit/{key}` came, as soon as there are `at_least` of them, or after `within_s`."""
        query = request.query
        within_s = min(VISITS_LONGEST_S, float(query.get("within_s", "0")))
        at_ns = await self._diary.wait(request.match_info["key"], int(query.get("at_least", "0")), within_s)
        return web.json_response({"at_ns": at_ns, "now_ns": monotonic_ns(), "boot_id": boot_id()})

    async def all_visits(self, request: web.Request) -> web.StreamResponse:
        """How often each key was visited in the last minutes, by the checksum of the key (`origin.diary`)."""
        return web.json_response(self._diary.counts())
