"""The task of a job of the user's own, looked at and called before a run, in a child process of its own.

It is called as `Task.apply` does, without a broker: what it publishes goes nowhere.
"""

import inspect
import os
from time import monotonic
from typing import Any

from celery import signals, states
from celery.result import ResultBase

from harness.contenders.celery.config import forget_brokers, reported_settings
from harness.contenders.celery.own import settings
from harness.contenders.celery.own.finding import OwnTask, found
from harness.contenders.celery.own.refusing import check, options_of, task_place
from harness.contenders.celery.own.replacing import changed
from harness.contenders.celery.own.serializing import arrived
from harness.errors import UsageError
from harness.jobs.calling import by_position, check_fits
from harness.jobs.importing import explained, place_and_reason
from harness.jobs.loading import check_function, load
from harness.jobs.looking import CALLS_MOST_S, PAYLOADS_LOOKED_AT, answer, as_called, hosts_in
from harness.jobs.modules import fingerprint
from harness.jobs.payloads import Payloads
from harness.jobs.spec import Called, Facts, JobSpec, Looked
from harness.jobs.workload import base_of, job_name

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://", "task_routes": None}


def look(spec: JobSpec, calls: int) -> Looked:
    """What the task's side has; raises UsageError."""
    job = load(spec)
    if job.task is None:
        return Looked()
    check_function(job)
    own = found(job, spec.given)
    source = fingerprint(own.side.task.__module__)
    check(own)
    settings.check(own.app, own.side.task)
    task = own.side.task
    place = task_place(task)
    called_with = own.side.canvas or own.side.request or task.run
    signature = inspect.signature(called_with)
    payloads = Payloads(job, by_position(signature), base_of(spec.declared))
    several = [payloads.of(number) for number in range(min(PAYLOADS_LOOKED_AT, payloads.count or 1))]
    for number, payload in enumerate(several):
        check_fits(signature, _taken(own, payload), place.shown, f"payload {number}")
    facts = Facts(
        name=job_name(spec, job),
        task=place,
        app=str(own.app.main or ""),
        fingerprint=source,
        arguments=by_position(signature),
        payloads=payloads.count,
        first=several[0],
        hosts=hosts_in(several),
        rate=None if job.rate is None else str(job.rate),
        ideal_s=job.ideal_s,
        ignore=list(job.ignore),
        task_options=options_of(task),
        settings=reported_settings(own.app) | {"acks_late": bool(task.acks_late), "ignore_result": False},
        changed=changed(own.app),
        several=own.side.several or not own.side.is_one_task,
        chords=own.side.chords,
        plain=own.side.is_one_task,
    )
    return Looked(facts=facts, called=_called(own, payloads, calls) if calls and own.side.request is None else [])


def _taken(own: OwnTask, payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in own.side.ignores}


def _called(own: OwnTask, payloads: Payloads, calls: int) -> list[Called]:
    """The first payloads, one after the other."""
    forget_brokers(os.environ)
    own.app.conf.update(IN_MEMORY)
    with explained("what Celery's signals start in a worker"):
        for signal in (signals.worker_init, signals.worker_process_init):
            for _receiver, raised in signal.send(sender=None):
                if isinstance(raised, Exception):
                    raise raised
    called: list[Called] = []
    begun = monotonic()
    for number in range(min(calls, payloads.count or calls)):
        called.append(_call(own, payloads.of(number), number))
        if monotonic() - begun > CALLS_MOST_S:
            break
    return called


def _call(own: OwnTask, payload: dict[str, Any], number: int) -> Called:
    start = monotonic()
    with explained(f"payload {number}"):
        if own.side.canvas is not None:
            result = own.side.canvas(**_taken(own, payload)).apply()
        else:
            result = own.side.task.apply(kwargs=_taken(own, payload))
    took_s = monotonic() - start
    if result.state != states.SUCCESS:
        raised = result.result
        text = place_and_reason(raised) if isinstance(raised, BaseException) else f"{result.state}: {raised}"
        return Called(number=number, payload=payload, error=text, took_s=took_s)
    who = task_place(own.side.task).shown
    if isinstance(result.result, ResultBase):
        raise UsageError(
            f"payload {number}: {who} replies with the {type(result.result).__name__} of a task that it has published: "
            "what that does would not be measured. Name the task that does the work, or let this one replace itself by "
            "it (self.replace)."
        )
    return as_called(number, payload, arrived(own.app, result.result, number, who), took_s, who)


if __name__ == "__main__":
    answer(look)
