"""How many processes of a worker's pool ended without having been asked to: the worker starts others in their place."""

from typing import Any


class Ended:
    """Counts them from when a pool is first watched."""

    def __init__(self) -> None:
        self._times = 0
        self._told: list[Any] = []
        self._limiting: list[Any] = []

    def watch(self, pool: Any) -> None:
        """Count those of Celery's pool, if it has processes.

        To be called again before each question: the pool sets its handlers anew when the worker connects again.
        """
        processes = getattr(pool, "_pool", None)
        then = getattr(processes, "on_process_down", None)
        if processes is None or then is None or isinstance(then, _Counting):
            return
        processes.on_process_down = _Counting(self, then)
        self._watch_time_limit(getattr(processes, "_timeout_handler", None))

    def _watch_time_limit(self, handler: Any) -> None:
        """Whom the pool kills because its task was beyond the hard limit has not ended unasked."""
        kill = getattr(handler, "_trywaitkill", None)
        if kill is None or handler in self._limiting:
            return
        self._limiting.append(handler)

        def told(process: Any) -> None:
            self._told.append(process)
            kill(process)

        handler._trywaitkill = told

    def note(self, process: Any) -> None:
        """One has ended: by itself if it was not told to, nor had done as many tasks as it may."""
        from billiard.pool import EX_OK, EX_RECYCLE

        told = process in self._told or getattr(process, "_controlled_termination", False)
        self._told = [other for other in self._told if other is not process]
        if process.exitcode not in (EX_OK, EX_RECYCLE) and not told:
            self._times += 1

    def take(self) -> int:
        """How many since this was last called."""
        times, self._times = self._times, 0
        return times


class _Counting:
    """What the pool calls when one of its processes has ended."""

    def __init__(self, ended: Ended, then: Any) -> None:
        self._ended, self._then = ended, then

    def __call__(self, process: Any) -> None:
        self._ended.note(process)
        self._then(process)
