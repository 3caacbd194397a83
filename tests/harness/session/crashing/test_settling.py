"""When nothing more happens to the requests of a trial with a fault: in virtual time."""

import asyncio

import pytest

from harness.machine.clock import NS
from harness.recording.ledger import Entry, Event
from harness.services.brokers.broker import Left
from harness.session.crashing import settling
from harness.session.crashing.settling import NOTHING, Rules, settled

JOB_S = 6.0


@pytest.mark.parametrize(("job_s", "ended"), [(JOB_S, 2), (0.0, 0)])
def test_a_job_that_runs_is_waited_for_though_none_has_ended(
    job_s: float, ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a worker that was told to end is there again, and executes what it gave back; else it would be lost."""
    now_ns = [100 * NS]
    begun = [entry(number, event, 100.0) for number in range(2) for event in (Event.ACCEPTED, Event.STARTED)]
    ends = [entry(number, Event.ENDED, 100.0 + JOB_S) for number in range(2)]

    async def sleep(seconds: float) -> None:
        now_ns[0] += int(seconds * NS)

    async def left() -> Left:
        return NOTHING

    def so_far() -> list[Entry]:
        return [one for one in (*begun, *ends) if one.at_ns <= now_ns[0]]

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(settling, "monotonic_ns", lambda: now_ns[0])
    rules = Rules(offered=2, quiet_s=1.0, visibility_timeout_s=3600.0, limit_s=60.0, job_s=job_s)
    asyncio.run(settled(rules, so_far, left))
    assert sum(one.event is Event.ENDED for one in so_far()) == ended


def entry(number: int, event: Event, at_s: float) -> Entry:
    """Of a request."""
    return Entry(trial=1, number=number, event=event, at_ns=int(at_s * NS), pid=5)
