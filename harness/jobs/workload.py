"""A job of the user's own as a workload: what the rest of the harness asks of one."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.agreement import Agreement
from harness.jobs.importing import explained
from harness.jobs.loading import NAME, check_function, loaded
from harness.jobs.payloads import Numbered, Payloads
from harness.jobs.spec import JobSpec, OwnJob
from workloads.job import Job
from workloads.workload import Params, Payload, Services, Workload

OF_A_DRIVER = 1 << 40
"""Each of several drivers numbers its requests from a multiple of this, and payloads from 0."""


class Own(Workload[Params]):
    """The base of all of them; each has a class of its own, as the catalogue's have."""

    in_practice = "a job of your own"
    look_at = "the highest rate that holds your latency, and CPU per 1,000 requests"
    job: OwnJob

    def __init__(self, params: Params, services: Services, seed: int) -> None:
        super().__init__(params, services, seed)
        self._agreement = Agreement(self.job)
        self._check: Callable[[Payload, Any], str | None] = self._not_loaded

    def payload(self, number: int) -> Payload:
        """That of the job; imports it."""
        return job_payloads(self.job.name).of(max(0, number) % OF_A_DRIVER)

    def check(self, payload: Payload, reply: Any) -> str | None:
        """Against the first reply to the same payload, and by the job's own check."""
        return self._check(payload, reply)

    def _not_loaded(self, payload: Payload, reply: Any) -> str | None:
        self._check = check_of(self._agreement, loaded(self.job.name))
        return self._check(payload, reply)

    @property
    def kept(self) -> dict[int, Any]:
        """The first replies of this trial, where there was none before."""
        return self._agreement.kept

    @property
    def ideal_s(self) -> float | None:
        """As declared."""
        return self.job.facts.ideal_s


def workload_class(name: str) -> type[Own]:
    """The class of that job's workload."""
    return _class(name, id(registered.get(name)))


@cache
def _class(name: str, _identity: int) -> type[Own]:
    job = registered.get(name)
    sides = [place.name for place in (job.facts.coroutine, job.facts.task) if place is not None]
    summary = f"a job of your own: {' and '.join(sides)}".encode("utf-8", "replace").decode()
    return type("OwnJobWorkload", (Own,), {"job": job, "summary": summary, "__doc__": summary})


@cache
def job_payloads(name: str) -> Payloads:
    """The payloads of the job of that name, read once; raises UsageError."""
    own = registered.get(name)
    return Payloads(loaded(name), own.facts.arguments, base_of(own.spec.declared))


def job_name(spec: JobSpec, job: Job) -> str:
    """Its own name, that of its file, or that of its function."""
    if job.name or spec.name:
        return job.name or spec.name
    if spec.declared.endswith(".py"):
        return re.sub(r"[^\w-]+", "-", Path(spec.declared).stem).strip("-") or "job"
    if spec.declared:
        module, _, name = spec.declared.partition(":")
        return module.rpartition(".")[2] if name in ("", NAME) else name
    function: str = spec.parts.get("coroutine") or spec.parts["task"]
    return function.rpartition(":")[2].rpartition(".")[2]


def base_of(declared: str) -> Path:
    """The folder from which files of a job are named."""
    return Path(declared).parent if declared.endswith(".py") else Path.cwd()


def check_of(agreement: Agreement, job: Job) -> Callable[[Payload, Any], str | None]:
    """What holds each reply against the first one to its payload, and asks the job's own check."""
    given = check_function(job)

    def check(payload: Payload, reply: Any) -> str | None:
        if isinstance(payload, Numbered) and (fault := agreement.fault(payload.number, reply)) is not None:
            return fault
        return None if given is None else by_check(given, payload, reply)

    return check


def by_check(check: Callable[[Any, Any], Any], payload: Payload, reply: Any) -> str | None:
    """What the job's own check says, whichever way it says it."""
    try:
        with explained("the check failed"):
            said = _asserted(check, payload, reply)
    except UsageError as error:
        return str(error)
    if said is None or said is True:
        return None
    return said if isinstance(said, str) else f"the check returned {said!r}"


def _asserted(check: Callable[[Any, Any], Any], payload: Payload, reply: Any) -> Any:
    """What it returns, or the text of its assertion that does not hold."""
    try:
        return check(dict(payload), reply)
    except AssertionError as error:
        if not str(error):
            raise
        return str(error)
