"""A task that starts an event loop of its own each time that it runs."""

from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.rule import Rule
from harness.spoilers.source import Source, calls_in

STARTS = frozenset(
    {"asyncio.run", "asyncio.new_event_loop", "asyncio.Runner", "anyio.run", "asgiref.sync.async_to_sync"}
)


class LoopPerTask(Rule):
    """In the source of the task."""

    kind = "loop-per-task"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """Nothing that the coroutine opens can then be shared between requests."""
        if source.side != "celery":
            return
        for part in source.reached:
            for call in calls_in(part.function):
                if (name := part.called(call)) in STARTS:
                    yield Spoiler(
                        kind=self.kind,
                        side="celery",
                        text=f"each task starts an event loop by {name}, so that no connection is kept between tasks",
                        place=part.place(call),
                        advice="keep one loop in a thread a process: asyncio.run_coroutine_threadsafe",
                    )


RULE = LoopPerTask()
