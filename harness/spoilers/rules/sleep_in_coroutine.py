"""`time.sleep` in a coroutine: the event loop stands still, and with it all other requests."""

import ast
from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.places import shown
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.source import Source, calls_in

ADVICE = "await asyncio.sleep(…), or call what sleeps by asyncio.to_thread"


class SleepInCoroutine(Rule):
    """In the source, or as the audit event of Python 3.13 and later."""

    kind = "sleep-in-coroutine"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """In the coroutine, and in what it calls without a thread."""
        if not isinstance(source.function, ast.AsyncFunctionDef):
            return
        for part in source.reached:
            for call in calls_in(part.function):
                if part.called(call) == "time.sleep":
                    yield self._spoiler("the source calls time.sleep where it holds the event loop", part.place(call))

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """In the event loop's thread."""
        if (look := seen.trial.look) is not None and look.sleeps_at:
            yield self._spoiler("time.sleep was called on the event loop", shown(look.sleeps_at))

    def _spoiler(self, text: str, place: str) -> Spoiler:
        return Spoiler(kind=self.kind, side="asyncio", text=text, place=place, advice=ADVICE)


RULE = SleepInCoroutine()
