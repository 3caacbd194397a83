"""Samples the stacks of a trial's drivers and workers within its window; a reader of roles that does that too."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import psutil

import harness
from harness.accounting import profile
from harness.accounting.profile import THREAD, Places, Times, Weighted
from harness.jobs import registered
from harness.machine.sampling.running import Sampling
from harness.machine.sampling.samplers import RATE_HZ, Sampler
from harness.machine.thread_cpu import ThreadTimes
from harness.results.model import Profile, RoleProfile
from harness.session.following import Driver
from harness.session.roles import RoleReader

NO_PROCESS = "the run does not know its processes"
NO_SAMPLES = "no stack was seen while it was sampled: measure longer (--duration), or under more load"


class ProfilingReader:
    """Reads the roles' usage, and samples between the two ends of the window."""

    def __init__(self, reader: RoleReader, drivers: Sequence[Driver], sampler: Sampler, folder: Path) -> None:
        """`folder`: for files of the samplers until they have been read."""
        self._reader = reader
        self._drivers = drivers
        self._sampler = sampler
        self._folder = folder
        self._running: dict[str, list[Sampling]] = {}
        self._written: dict[str, list[str]] = {}

    async def opened(self) -> None:
        """Its usage is read first: to start samplers takes CPU that is nobody's."""
        await self._reader.opened()
        pids = {
            "driver": [driver.pid for driver in self._drivers if driver.pid is not None],
            "workers": _roots(self._reader.processes_of("workers")),
        }
        for role, roots in pids.items():
            started = [Sampling.of(self._sampler, pid, self._folder) for pid in roots]
            self._running[role] = await asyncio.gather(*started)

    async def between(self) -> None:
        """Nothing is sampled apart."""
        await self._reader.between()

    async def memory_at(self, name: str) -> None:
        """As it is read without samplers."""
        await self._reader.memory_at(name)

    async def closed(self) -> None:
        """Samplers end first."""
        for sampling in self._every():
            sampling.halt()
        await self._reader.closed()

    async def memory(self) -> None:
        """Then what they saw is written."""
        await self._reader.memory()
        for role, running in self._running.items():
            self._written[role] = await asyncio.gather(*(sampling.stop() for sampling in running))

    async def end(self) -> None:
        """Nothing of them is left, whatever became of the trial."""
        for sampling in self._every():
            await sampling.end()

    def _every(self) -> list[Sampling]:
        return [sampling for running in self._running.values() for sampling in running]

    def profile(self, workload: str, has_workers: bool, file: Path) -> Profile:
        """What was seen; the folded stacks go to `file`, with their roles."""
        places, roles = places_of(workload), {}
        found: dict[str, Weighted] = {}
        missing: dict[str, str] = {}
        for role in ("driver", "workers") if has_workers else ("driver",):
            seen = self._of_role(role, places)
            if isinstance(seen, str):
                missing[role] = seen
            else:
                found[role], roles[role] = seen
        lines = [
            f"{role};{line[thread.start() :].lstrip(';')}"  # without command lines, which may hold anything
            for role in found
            for text in self._written[role]
            for line in text.splitlines()
            if (thread := THREAD.search(line)) is not None
        ]
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return Profile(
            sampler=self._sampler.name,
            period_ms=1000 / RATE_HZ,
            seconds=max((sampling.seconds for sampling in self._every()), default=0.0),
            file=f"{file.parent.name}/{file.name}",
            roles=roles,
            missing=missing,
            stacks=profile.most(found, places),
        )

    def _of_role(self, role: str, places: Places) -> tuple[Weighted, RoleProfile] | str:
        """Its stacks and what they amount to; or why there are none."""
        running = self._running.get(role, [])
        if not running:
            return NO_PROCESS
        if failed := next((sampling.failed for sampling in running if sampling.failed), None):
            return failed
        times = _times(running)
        seen = profile.weighted("\n".join(self._written.get(role, [])), times)
        return (seen, profile.role_profile(seen, times, places)) if seen.stacks else NO_SAMPLES


def _times(running: Sequence[Sampling]) -> Times:
    """What all of their threads have used while they were sampled; one that has ended is not known any more."""
    cpu_s, waiting_s, known = {}, {}, True
    for sampling in running:
        for thread, after in sampling.after.threads.items():
            before = sampling.before.threads.get(thread, ThreadTimes(0.0, 0.0))
            cpu_s[thread] = max(0.0, after.cpu_s - before.cpu_s)
            known &= after.waiting_s is not None
            waiting_s[thread] = (after.waiting_s or 0.0) - (before.waiting_s or 0.0)
    return Times(sum(sampling.after.processes for sampling in running), cpu_s, waiting_s if known else None)


def _roots(pids: Sequence[int]) -> list[int]:
    """Those whose parent is none of them."""
    parents = {}
    for pid in pids:
        try:
            parents[pid] = psutil.Process(pid).ppid()
        except psutil.Error:  # it has ended
            continue
    return [pid for pid, parent in parents.items() if parent not in parents]


def places_of(workload: str) -> Places:
    """Where the code of the workbench is, and that of the work."""
    job = registered.find(workload)
    functions = [job.facts.coroutine, job.facts.task] if job is not None else []
    files = [place.file for place in functions if place is not None and place.file]
    return Places(str(Path(harness.__file__).parents[1]), tuple(files))
