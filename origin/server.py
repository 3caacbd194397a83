"""The HTTP origin: an aiohttp application whose answers are slow on purpose, and which counts what it served."""

from functools import partial

from aiohttp import web

from origin.counters import Counters
from origin.diary import Diary
from origin.limits import Limits
from origin.questions import Questions
from origin.slowness import slowly
from origin.under_way import UnderWay
from origin.work import Work


def application(
    index: int, counters: Counters, diary: Diary, limits: Limits, root_pid: int, seed: int
) -> web.Application:
    """The routes of process `index`: work, each route as slow as its query asks for, and the harness's questions."""
    work = Work(seed, diary, limits)
    under_way = UnderWay()
    questions = Questions(counters, under_way, diary, root_pid, seed)
    slow = partial(slowly, index=index, counters=counters, under_way=under_way)
    app = web.Application()
    app.add_routes([web.get(path, slow(handler)) for path, handler in work.gets().items()])
    app.add_routes([web.post(path, slow(handler)) for path, handler in work.posts().items()])
    app.add_routes([web.get(path, handler) for path, handler in questions.gets().items()])
    app.add_routes([web.options("/workbench", questions.workbench)])
    return app
