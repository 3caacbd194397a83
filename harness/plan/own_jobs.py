"""Jobs of the user's own: found, looked at and called once in child processes, registered as workloads.

`job_of` and `job_from` register one, without calling it; `compared` calls both sides with the first payloads.
"""

import asyncio
import itertools
import os
import re
import tempfile
from collections.abc import Collection, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness import registry
from harness.errors import UsageError, unknown
from harness.jobs import registered
from harness.jobs.differences import first
from harness.jobs.importing import is_of_the_user, shown
from harness.jobs.spec import Called, Difference, Facts, JobSpec, Looked, OwnJob, read, written
from harness.machine.deadline import in_time
from harness.machine.names import is_file, is_folder
from harness.machine.processes import MARK, end_marked, ending, is_celerys, last_lines, python, spawn, stop_tree
from harness.plan.asked import Asked

SIDES = {
    "asyncio": "harness.contenders.in_process.looking",
    "celery": "harness.contenders.celery.own.looking",
}
PARTS = {"asyncio": "coroutine", "celery": "task"}
LOOK_S = 60.0
"""For both sides' imports, and for their calls."""
CALLS = 100
"""Payloads that are tried on both sides before a run, unless a number is given."""
NAME = re.compile(r"\w[\w-]{0,63}")
"""Of a job: it stands in names of queues and files."""
FATAL = re.compile(r"^(Fatal Python error: .*|Timeout .*!)$", re.MULTILINE)
FRAME = re.compile(r'^  File "(.*)", line (\d+)', re.MULTILINE)
"""What Python's faulthandler writes, the last call first."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Of an object, which differs from process to process."""
GROUP = "workbench.workloads"
"""Of the entry points by which installed packages offer jobs: NAME = PACKAGE.MODULE:NAME."""


class Compared(NamedTuple):
    """What calling both sides has shown."""

    asyncio: list[Called]
    celery: list[Called]
    difference: Difference | None
    """The first payload to which they reply differently; None where they agree, or there is one side alone."""


def workload_named(text: str, asked: Asked, option: str = "-w", *, with_parameters: bool = False) -> str:
    """The name of the workload that an option gives: its own, or that of a job that is registered now.

    `with_parameters`: whether the option takes them behind the name. Raises UsageError.
    """
    if text in registry.names("workload"):
        return text
    _check_parameters(text, option, with_parameters=with_parameters)
    if text.endswith(".py") or ":" in text or text in offered():
        return job_of(text, asked.path, allow_remote=asked.allow_remote, option=option).name
    if is_folder(Path(text)):
        raise UsageError(f"{option} {text}: {_no_file(Path(text))}")
    if is_file(Path(f"{text}.py")):
        raise UsageError(f"{option} {text}: there is no workload of that name. Did you mean {text}.py?")
    raise unknown(
        "workload", text, f"{option} (NAME, FILE.py or PACKAGE.MODULE:NAME)", [*registry.names("workload"), *offered()]
    )


def _check_parameters(text: str, option: str, *, with_parameters: bool) -> None:
    """Raise UsageError for a name with parameters: one that is unknown, or where they do not stand as they should."""
    name, colon, values = text.partition(":")
    parameter, equals, _ = values.partition("=")
    if not colon or text.endswith(".py"):
        return
    if name not in registry.names("workload"):
        if equals:
            raise unknown("workload", name, f"{option} {text}", registry.names("workload"))
        return
    known = list(registry.defaults(name))
    if not equals and parameter and parameter not in known:
        return  # a module that has the name of a workload
    if with_parameters:
        example = parameter if parameter in known else known[0]
        raise UsageError(f"{option} {text}: expected {name}:PARAM=VALUE[,PARAM=VALUE…], such as {name}:{example}=…")
    options = " ".join(f"--set {name}.{value if '=' in value else f'{value}=…'}" for value in parted(values) if value)
    raise UsageError(
        f"{option} {text}: parameters are options of their own. Did you mean "
        f"{' '.join([*([option] if option.startswith('-') else []), name, options]).strip()}?"
    )


def parted(values: str) -> list[str]:
    """`PARAM=VALUE,PARAM=VALUE` parameter by parameter; a value may contain commas."""
    return re.split(r",(?=\w+=)", values)


def offered() -> dict[str, str]:
    """The jobs that installed packages offer: name → where each is."""
    return {found.name: found.value for found in entry_points(group=GROUP)}


def job_of(text: str, path: Sequence[str] = (), *, allow_remote: bool = False, option: str = "-w") -> OwnJob:
    """Register the job that an option names: FILE, NAME of an installed one, PACKAGE.MODULE:NAME or PACKAGE.MODULE.

    `path`: folders in which modules are also found, after all others. Raises UsageError.
    """
    declared, name = text, ""
    if text.endswith(".py"):
        file = Path(text)
        if not is_file(file):
            raise UsageError(f"{option} {text}: {_no_file(file)}{_near(file)}")
        declared = str(file.absolute())
    elif text in (installed := offered()):
        declared, name = installed[text], text
    return _registered(_spec(f"{option} {text}", path, declared=declared, name=name, allow_remote=allow_remote))


def job_from(
    *,
    coroutine: str | None = None,
    task: str | None = None,
    payloads: str | None = None,
    path: Sequence[str] = (),
    allow_remote: bool = False,
    **others: Any,
) -> OwnJob:
    """Register a job by its parts, each `PACKAGE.MODULE:NAME`, and `payloads`, a file; raises UsageError.

    `others`: further parts of a `workloads.job.Job`, such as app, rate, ignore, check, ideal_s, name.
    """
    given = {"coroutine": coroutine, "task": task, "payloads": payloads, **others}
    parts = {name: value for name, value in given.items() if value is not None}
    return _registered(_spec("the job", path, parts=parts, allow_remote=allow_remote))


def compared(job: OwnJob, calls: int = CALLS, sides: Collection[str] = ("asyncio", "celery")) -> Compared:
    """Call each of these sides with the first payloads, one after the other, and hold their replies against each other.

    Equal replies are what the run expects from then on. Raises UsageError for a reply that is not JSON, and for a
    reply of one side alone.
    """
    looked = asyncio.run(_look(job.spec, calls, sides))
    _raise_fault(looked)
    one, other = looked["asyncio"].called, looked["celery"].called
    pairs = list(zip(one, other, strict=False))
    different = next((pair for pair in pairs if _path(job, *pair) is not None), None)
    difference = None if different is None else _with_stability(job, _difference(job, *different))
    replied = [mine for mine, theirs in pairs if mine.error is None and theirs.error is None]
    if difference is None:
        job.expected |= {called.number: called.reply for called in replied}
        registered.add(job)
    return Compared(one, other, difference)


def _path(job: OwnJob, mine: Called, theirs: Called) -> str | None:
    if mine.error is not None or theirs.error is not None:
        return None if (mine.error is None) == (theirs.error is None) else ""
    return first(mine.reply, theirs.reply, job.facts.ignore)


def _difference(job: OwnJob, mine: Called, theirs: Called) -> Difference:
    return Difference(
        number=mine.number,
        payload=mine.payload,
        asyncio=mine.reply if mine.error is None else mine.error,
        celery=theirs.reply if theirs.error is None else theirs.error,
        failed="asyncio" if mine.error is not None else "celery" if theirs.error is not None else "",
        path=_path(job, mine, theirs) or "",
    )


def _with_stability(job: OwnJob, difference: Difference) -> Difference:
    """Ask the coroutine again: what differs from one time to the next differs between the sides too."""
    if difference.failed:
        return difference
    looked = asyncio.run(_look(job.spec, difference.number + 1, ("asyncio",)))["asyncio"]
    again = looked.called[difference.number].reply if len(looked.called) > difference.number else difference.asyncio
    same = first(again, difference.asyncio, job.facts.ignore)
    return msgspec.structs.replace(difference, unstable=same is not None and same == difference.path)


def _spec(given: str, path: Sequence[str], **others: Any) -> JobSpec:
    folders = [str(Path(folder).absolute()) for folder in (".", *path)]
    for folder in folders:
        if not is_folder(Path(folder)):
            raise UsageError(f"--path {folder}: there is no such folder.")
    env = {name: value for name, value in os.environ.items() if is_celerys(name)}
    return JobSpec(given=given, path=folders, env=env, **others)


def _registered(spec: JobSpec) -> OwnJob:
    """Look at it, give it a name, add it to the workloads."""
    looked = asyncio.run(_look(spec, 0))
    _raise_fault(looked)
    facts = _merged(spec, looked["asyncio"].facts, looked["celery"].facts)
    job = OwnJob(spec=spec, facts=msgspec.structs.replace(facts, name=_free_name(facts.name, spec)))
    registered.add(job)
    return job


def _free_name(name: str, spec: JobSpec) -> str:
    """The name, or one made of it that neither a workload of the catalogue nor another job has; raises UsageError."""
    if NAME.fullmatch(name) is None:
        raise UsageError(
            f"{spec.given}: {name[:80]!r} is no name (up to 64 letters, digits, dashes, underscores): set Job(name=…)."
        )
    taken = set(registry.shipped("workload"))
    taken |= {other for other in registered.names() if registered.get(other).spec != spec}
    names = itertools.chain([name, f"my-{name}"], (f"my-{name}-{number}" for number in itertools.count(2)))
    return next(free for free in names if free not in taken)


def _merged(spec: JobSpec, coroutine: Facts | None, task: Facts | None) -> Facts:
    if coroutine is None or task is None:
        facts = coroutine or task
        if facts is None:
            raise UsageError(f"{spec.given}: it has neither a coroutine nor a task.")
        return facts
    if coroutine.first != task.first:
        raise UsageError(
            f"{spec.given}: the first payload gives {coroutine.arguments} to the coroutine and {task.arguments} to the "
            "task by position. Both must have the same names, or payloads must be objects with the arguments' names."
        )
    return msgspec.structs.replace(
        task,
        coroutine=coroutine.coroutine,
        hosts=list(dict.fromkeys([*coroutine.hosts, *task.hosts])),
    )


def _raise_fault(looked: dict[str, Looked]) -> None:
    faults = {ADDRESS.sub("", side.fault): side.fault for side in looked.values() if side.fault is not None}
    if faults:
        raise UsageError("\n".join(faults.values()))


async def _look(spec: JobSpec, calls: int, of: Collection[str] = tuple(PARTS)) -> dict[str, Looked]:
    """The sides that the job has, of these, at once, each in a process of its own."""
    sides = [side for side, part in PARTS.items() if side in of and (spec.declared or part in spec.parts)]
    with tempfile.TemporaryDirectory(prefix="workbench-job-") as folder:
        results = await asyncio.gather(*(_look_at(side, spec, calls, Path(folder)) for side in sides))
    return {side: Looked() for side in SIDES} | dict(zip(sides, results, strict=True))


async def _look_at(side: str, spec: JobSpec, calls: int, folder: Path) -> Looked:
    given, found, log = (folder / f"{side}{suffix}" for suffix in (".spec", ".json", ".log"))
    given.touch(mode=0o600)
    given.write_bytes(written(spec))
    argv = python("-m", SIDES[side], str(given), str(calls), str(found))
    child = await spawn(argv, env={MARK: str(given)}, log=log)
    try:
        await in_time(LOOK_S, child.wait())
    except TimeoutError:
        raise UsageError(
            f"{spec.given}: the {side} side was not ready within {LOOK_S:g} s. Its last lines:\n{last_lines(log)}"
        ) from None
    finally:
        await stop_tree(child, 0)
        end_marked(str(given))
    if not found.exists():
        ended = f"{spec.given}: the {side} side ended its process ({ending(child.returncode or 0)})"
        where = crashed(log)
        raise UsageError(f"{ended}: {where}" if where else f"{ended}. Its last lines:\n{last_lines(log)}")
    return read(found.read_bytes(), Looked)


def crashed(log: Path) -> str:
    """`FILE, line N: Fatal Python error: …`, where the job was when a library crashed its process; else empty."""
    text = log.read_text("utf-8", "replace")
    fatal = FATAL.search(text)
    frames = FRAME.findall(text, fatal.end()) if fatal is not None else []
    theirs = next((frame for frame in frames if is_of_the_user(frame[0])), None)
    return f"{shown(theirs[0])}, line {theirs[1]}: {fatal[0].strip()}" if fatal is not None and theirs else ""


def _no_file(file: Path) -> str:
    if is_folder(file):
        return "it is a folder; name the file that declares the job."
    return "it is a link to a file that does not exist." if file.is_symlink() else "there is no such file."


def _near(file: Path) -> str:
    from difflib import get_close_matches

    folder = file.parent
    names = [path.name for path in folder.glob("*.py")] if is_folder(folder) else []
    nearest = get_close_matches(file.name, names, n=1, cutoff=0.5)
    return f" Did you mean {folder / nearest[0]}?" if nearest else ""
