"""From folded stacks to where the CPU went: each thread's samples share the CPU that it used. Pure.

A sampler sees that a thread runs or waits for a core, not which of both. So a sample is not worth its period but the
CPU of its thread, by the kernel's clock, divided by the thread's samples: a thread that used no CPU counts for nothing,
and on a busy machine nothing counts that only waited. The CPU of threads without samples, which were hardly ever awake,
is spread over the other stacks of their role.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from harness.results.profile import RoleProfile

THREAD = re.compile(r"(?:^|;)thread \((\d+)\)[^;]*;")
"""After it, the frames begin; before it, sub-processes are named by their command lines."""
FRAME = re.compile(r"(?P<name>.*) \((?P<file>[^()]*?)(?::\d+)?\)")
PACKAGES = re.compile(r".*/(?:site|dist)-packages/(?P<package>[^/]+)")
STDLIB = re.compile(r".*/python\d[\d.]*t?/(?P<module>[^/]+)")
SPLIT = frozenset({"json", "asyncio"})
"""Packages of Python's own that are shown by name."""
HARNESS, JOB, PYTHON, UNKNOWN = "the harness", "the job", "Python", "unknown"
OURS = {"harness": HARNESS, "asyncio_side": JOB, "celery_side": JOB, "workloads": JOB, "benchmarks": HARNESS}
"""Packages of the workbench."""
Stack = tuple[str, ...]
"""Frames, outermost first."""
STACKS_MOST = 300
"""Stacks that a document keeps of a trial."""


class Times(NamedTuple):
    """What the threads of a role used while they were sampled, by the kernel's id."""

    processes: int
    cpu_s: Mapping[int, float]
    waiting_s: Mapping[int, float] | None


class Weighted(NamedTuple):
    """The stacks of a role, each with its CPU-seconds."""

    samples: int
    stacks: Mapping[Stack, float]


class Places(NamedTuple):
    """Where the code of the workbench and that of the job are."""

    workbench: str
    """The folder that holds its packages."""
    job: tuple[str, ...] = ()
    """Files and folders."""


def weighted(folded: str, times: Times) -> Weighted:
    """Each stack with the CPU of its samples; they add up to that of the role."""
    by_thread: dict[int, Counter[Stack]] = defaultdict(Counter)
    for line in folded.splitlines():
        text, _, count = line.rpartition(" ")
        thread = THREAD.search(text)
        if thread is not None and count.isdecimal():
            by_thread[int(thread[1])][tuple(text[thread.end() :].split(";"))] += int(count)
    stacks: dict[Stack, float] = defaultdict(float)
    for thread_id, counts in by_thread.items():
        each_s = times.cpu_s.get(thread_id, 0.0) / counts.total()
        for frames, number in counts.items():
            stacks[frames] += number * each_s
    seen_s, whole_s = sum(stacks.values()), sum(times.cpu_s.values())
    scale = whole_s / seen_s if seen_s else 0.0
    samples = sum(counts.total() for counts in by_thread.values())
    return Weighted(samples, {frames: seconds * scale for frames, seconds in stacks.items() if seconds})


def role_profile(found: Weighted, times: Times, places: Places) -> RoleProfile:
    """Folded by the package of each stack's innermost function."""
    whole_s = sum(times.cpu_s.values())
    packages: dict[str, float] = defaultdict(float)
    for frames, seconds in found.stacks.items():
        packages[package_of(frames[-1], places)] += seconds / whole_s
    return RoleProfile(
        processes=times.processes,
        samples=found.samples,
        cpu_s=whole_s,
        waiting_s=None if times.waiting_s is None else sum(times.waiting_s.values()),
        packages=dict(sorted(packages.items(), key=lambda item: -item[1])),
    )


def package_of(frame: str, places: Places) -> str:
    """`kombu`, `the job`, `json`, `Python`…: by the file of a frame, `function (FILE:LINE)`."""
    match = FRAME.fullmatch(frame)
    if match is None:
        return UNKNOWN
    file = match["file"]
    if any(file == place or file.startswith(f"{place}/") for place in places.job):
        return JOB
    if file.startswith("<"):
        return PYTHON
    if (found := PACKAGES.match(file)) is not None:
        name = found["package"].removesuffix(".py")
        return OURS.get(name, name)
    if file.startswith(f"{places.workbench}/"):
        return OURS.get(file.removeprefix(f"{places.workbench}/").partition("/")[0], HARNESS)
    if (module := STDLIB.match(file)) is None:
        return JOB
    name = module["module"].removesuffix(".py")
    return name if name in SPLIT else PYTHON


def shown(frame: str, places: Places) -> str:
    """A frame without its path: `kombu: Producer.publish`."""
    match = FRAME.fullmatch(frame)
    return f"{package_of(frame, places)}: {match['name'] if match else frame}".replace(";", ",")


def most(found: Mapping[str, Weighted], places: Places) -> list[tuple[str, float]]:
    """The stacks of all roles that took most, by role and functions, as shares of the CPU of all roles.

    Of the others, what they have in common with a stack that is kept, or their role.
    """
    shares: dict[Stack, float] = defaultdict(float)
    whole_s = sum(sum(weighed.stacks.values()) for weighed in found.values())
    for role, weighed in found.items():
        for frames, seconds in weighed.stacks.items():
            shares[(role, *(shown(frame, places) for frame in frames))] += seconds / whole_s
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    kept = dict(ordered[:STACKS_MOST])
    beginnings = {frames[:length] for frames in kept for length in range(1, len(frames) + 1)}
    for frames, share in ordered[STACKS_MOST:]:
        length = max((n for n in range(1, len(frames)) if frames[:n] in beginnings), default=1)
        kept[frames[:length]] = kept.get(frames[:length], 0.0) + share
    return [(";".join(frames), share) for frames, share in kept.items()]
