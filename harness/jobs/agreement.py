"""Holds replies to the same payload against each other: before a run, in its trials, and from trial to trial."""

import json
from typing import Any

from harness.jobs import registered
from harness.jobs.differences import NotJson, at, first, plain
from harness.jobs.spec import OwnJob
from harness.jobs.text import cut

KEPT_CHARACTERS = 500_000
"""Of a trial's replies that are held against those of other trials: to make them JSON costs the driver time."""
REPLY_CHARACTERS = 1_000_000
"""Of one of them: with those before it, it must have room in what a driver reports."""


class Agreement:
    """What the replies of a trial must be; those to payloads that nobody has had a reply to are kept."""

    def __init__(self, job: OwnJob) -> None:
        self.kept: dict[int, Any] = {}
        """By the number of the payload."""
        self._expected = dict(job.expected)
        self._ignore = job.facts.ignore
        self._left = KEPT_CHARACTERS

    def fault(self, number: int, reply: Any) -> str | None:
        """How a reply differs from what is expected; None if it does not, or nothing is."""
        if number not in self._expected:
            return self._keep(number, reply) if self._left > 0 else None
        if reply == self._expected[number]:
            return None
        said = difference(self._expected[number], reply, self._ignore)
        return None if said is None else f"payload {number}: {said}"

    def _keep(self, number: int, reply: Any) -> str | None:
        try:
            value = plain(reply)
        except NotJson as error:
            return f"payload {number}: the reply is not JSON: {error}"
        self._expected[number] = value
        length = len(json.dumps(value))
        self._left -= length
        if length <= REPLY_CHARACTERS:
            self.kept[number] = value
        return None


def difference(expected: Any, reply: Any, ignore: list[str]) -> str | None:
    """How a reply differs from the first one to the same payload; None if it does not."""
    try:
        reply = plain(reply)
    except NotJson as error:
        return f"the reply is not JSON: {error}"
    path = first(expected, reply, ignore)
    if path is None:
        return None
    where = f" at {path}" if path else ""
    return f"the reply{where} is {cut(at(reply, path))}, and the first one to it was {cut(at(expected, path))}"


def learn(name: str, replies: dict[int, Any], contender: str) -> str | None:
    """Expect a trial's replies of all later ones; returns how one differs from an earlier trial's, if it does."""
    job = registered.get(name)
    faults = []
    for number, reply in replies.items():
        if number not in job.expected:
            job.expected[number] = reply
            job.first_by[number] = contender
        elif (said := difference(job.expected[number], reply, job.facts.ignore)) is not None:
            faults.append(f"payload {number}: {said} (by {job.first_by.get(number, 'both sides, before the run')})")
    return next(iter(faults), None)
