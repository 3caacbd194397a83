"""What must hold after a fault, whatever it was: each finding is a line that says what did not."""

import re
import signal
from collections.abc import Iterator

from chaos.case import Case, Role, Strike
from chaos.plans import trials
from chaos.running import Seen, Struck
from harness.results.model import Results, Trial
from harness.session.document import succeeded

NAMES = {
    "driver": r"\bdriver",
    "fork server": r"fork server",
    "worker": r"\b[Ww]orker",
    "pool process": r"\b[Ww]orker",
    "all workers": r"\b[Ww]orker",
    "origin": r"\borigin",
    "redis": r"\bRedis|\bbroker|\bredis",
    "rabbitmq": r"RabbitMQ|\bbroker|amqp",
    "postgres": r"PostgreSQL",
    "beat": r"\bbeat",
    "external worker": r"\bworker",
    "remote driver": r"\bdriver",
}
"""How a reason names the role that was hit."""
UNCAUGHT = re.compile(r"Traceback|Exception ignored|never retrieved|never awaited|Fatal Python error|Warning:")
MEASURED = ("measured", "impossible", "disturbed")
STRICT = ("window",)
"""Phases in which a trial still needs all that it began with."""
REPORTS = ("report.html", "report.md")


def findings(case: Case, seen: Seen) -> list[str]:
    """All that did not hold."""
    found = [*_always(seen), *seen.left]
    if seen.status is None:
        return found
    first = next(iter(case.strikes), None)
    if first is not None and first.role == "workbench" and seen.struck and not first.hit.startswith("STOP"):
        return [*found, *_interrupted(first, seen)]
    return [
        *found,
        *_status(seen),
        *_reports(seen),
        *_reasons(case, seen),
        *_next(case, seen),
        *(finding for struck in seen.struck for finding in _not_hidden(struck, seen)),
    ]


def _always(seen: Seen) -> Iterator[str]:
    if seen.status is None:
        yield f"it hung: no end after {seen.seconds:.0f} s"
    if (uncaught := UNCAUGHT.search(seen.err)) is not None:
        yield f"{uncaught[0]!r} on standard error"
    if seen.unreadable is not None:
        yield f"the document cannot be read: {seen.unreadable}"
    if seen.results is not None and seen.results.run.status == "running":
        yield "the document says that the run still goes on"


def _interrupted(strike: Strike, seen: Seen) -> Iterator[str]:
    """After a signal to the workbench itself."""
    late = any(struck.phase == "reports" for struck in seen.struck)  # it may have been through already
    expected = {-signal.SIGKILL} if strike.hit == "KILL" else {130}
    if seen.status not in expected | ({0, 1} if late else set()):
        yield f"exit status {seen.status} instead of {' or '.join(map(str, sorted(expected)))}"
    state = seen.results.run.status if seen.results is not None else None
    allowed = {None, "done", "killed" if strike.hit == "KILL" else "interrupted"}
    if state not in allowed:
        yield f"the document says {state!r}"
    for trial in _failed(seen):
        yield f"trial {trial.order + 1}, which was interrupted or before that, {trial.status}: {trial.error}"
    if strike.hit != "KILL":
        if seen.results is not None and not late:
            yield from _reports(seen)
        if seen.results is not None and not late and "interrupted" not in seen.err:
            yield "it does not say that it was interrupted"


def _status(seen: Seen) -> Iterator[str]:
    """The exit status is that of the document."""
    state = seen.results.run.status if seen.results is not None else None
    if seen.status in (0, 1):
        good = seen.results is not None and succeeded(seen.results)
        if state != "done" or good != (seen.status == 0):
            yield f"exit status {seen.status}, but the run is {state!r}, {'with' if good else 'without'} success"
    elif seen.status == 3:
        if state not in (None, "failed") or not seen.err.startswith("workbench: "):
            yield f"exit status 3, but the run is {state!r}: {seen.err[:200]!r}"
    else:
        yield f"exit status {seen.status}: {seen.err[-300:]!r}"


def _reports(seen: Seen) -> Iterator[str]:
    if seen.results is not None:
        yield from (f"{name} is missing" for name in REPORTS if name not in seen.files)


def _reasons(case: Case, seen: Seen) -> Iterator[str]:
    """Whatever failed, failed because of what was hit."""
    for trial in _failed(seen):
        roles = [struck.strike.role for struck in seen.struck if _concerns(case, struck, trial)]
        if not roles:
            yield f"trial {trial.order + 1} {trial.status} although nothing was hit: {trial.error}"
        elif not any(_named(role, trial.error) for role in roles):
            named = " or ".join(roles)
            yield f"trial {trial.order + 1} {trial.status}, and the reason does not name the {named}: {trial.error}"
        elif trial.error is not None and "Traceback" in trial.error.splitlines()[0]:
            yield f"trial {trial.order + 1}: a traceback as reason: {trial.error}"
    roles = [strike.role for strike in case.strikes]
    if seen.status == 3 and not any(_named(role, seen.err) for role in roles):
        yield f"exit status 3, and the reason does not name the {' or '.join(roles)}: {seen.err.strip()}"
    if seen.status == 3 and not case.hits_given and not any(struck.phase == "boot" for struck in seen.struck):
        yield f"what is the run's own ended it: {seen.err.strip()}"


def _concerns(case: Case, struck: Struck, trial: Trial) -> bool:
    """Whether a trial may have failed of that strike: any later one, where the run cannot start again what was hit."""
    hit = struck.trial if struck.trial is not None else trials(case)
    return trial.order >= hit if case.is_given(struck.strike) else hit <= trial.order <= hit + 1


def _next(case: Case, seen: Seen) -> Iterator[str]:
    """Other trials than those that were hit are measured, where the run can start again what it has lost."""
    if case.hits_given or seen.results is None or not seen.struck:
        return
    failed = [trial.order for trial in _failed(seen)]
    allowed = {order for struck in seen.struck for order in _allowed(case, struck, failed)}
    for trial in _failed(seen):
        if trial.order not in allowed:
            yield f"trial {trial.order + 1} {trial.status} too, after the one that was hit: {trial.error}"
    if seen.status in (0, 1) and len(_trials(seen.results)) != trials(case):
        yield f"{len(_trials(seen.results))} trials instead of {trials(case)}"


def _allowed(case: Case, struck: Struck, failed: list[int]) -> set[int]:
    """The trials that may fail of a strike."""
    hit = struck.trial if struck.trial is not None else trials(case)
    if not struck.ended and struck.strike.hit != "STOP":  # a process may finish first what it was doing
        return {hit, hit + 1}
    if struck.under_way:  # a service may end too late to be missed by the trial that was hit
        return {hit if hit in failed else hit + 1}
    return set() if struck.phase == struck.phase_after == "between trials" else {hit}


def _not_hidden(struck: Struck, seen: Seen) -> Iterator[str]:
    """A fault in the middle of a trial shows."""
    if seen.results is None or not struck.under_way or struck.phase not in STRICT:
        return
    hit = next((trial for trial in _trials(seen.results) if trial.order == struck.trial), None)
    if hit is None or hit.status not in MEASURED:
        return
    strike, order = struck.strike, hit.order + 1
    if strike.role == "pool process" and struck.phase_after != "window":
        return  # the trial was at its end: one that had nothing to do is missed by nobody
    if strike.hit == "STOP 2 s":
        if struck.phase_after == "window" and not hit.doubts:
            yield f"trial {order} was measured without a doubt, with the {strike.role} stopped for 2 s"
    elif strike.command is not None:
        if hit.lost:
            yield f"trial {order} lost {hit.lost} requests, and {strike.hit} is not named"
    elif strike.role == "pool process" and any(doubt.kind == "process-lost" for doubt in hit.doubts):
        return
    elif (strike.hit == "STOP" or struck.ended) and hit.ok == hit.submitted and strike.role != "fork server":
        yield f"trial {order} was measured as if nothing had happened to the {strike.role}"


def _named(role: Role, reason: str | None) -> bool:
    first = (reason or "").strip().splitlines()[:1]
    return role == "workbench" or bool(first and re.search(NAMES[role], first[0]))


def _failed(seen: Seen) -> list[Trial]:
    return [trial for trial in _trials(seen.results) if trial.status not in MEASURED]


def _trials(results: Results | None) -> list[Trial]:
    cells = results.cells if results is not None else []
    return sorted((trial for cell in cells for trial in cell.trials), key=lambda trial: trial.order)
