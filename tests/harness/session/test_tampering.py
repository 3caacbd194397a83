"""What others do to a broker is the reason of what a trial lost by it, and of nothing else."""

import asyncio

import msgspec
import pytest

from harness.errors import ServiceError
from harness.results.model import Doubt, Failure, Trial
from harness.services.brokers.broker import Observed
from harness.session.serving import Fault
from harness.session.tampering import Losses, Tampering
from harness.statistics.doubts import UNSUSTAINABLE
from tests.builders import trial_of
from tests.harness.session.doubles import BrokerDouble

LOST = trial_of(1, 80.0, lost=3)
CLEAN = trial_of(1, 80.0)


def behind(
    trial: Trial,
    *,
    before: Observed,
    after: Observed | None,
    never_executed: int = 0,
    unanswered: int = 0,
    held: int = 0,
) -> Fault | None:
    """What is found of a broker that says this before and after; None: it does not answer afterwards."""
    broker = BrokerDouble(own=False)

    async def main() -> Fault | None:
        tampering = Tampering(broker, "q")
        broker.seen = before
        await tampering.begin()
        if after is None:
            broker.fails = ServiceError("no answer")
        else:
            broker.seen = after
        return await tampering.behind(trial, Losses(never_executed, unanswered, held))

    return asyncio.run(main())


def seen(waiting: int | None = 0, *, is_bound: bool = True, **commands: int) -> Observed:
    """What a broker says."""
    return Observed(commands, is_bound=is_bound, waiting=waiting)


@pytest.mark.parametrize(
    ("after", "never_executed", "words"),
    [
        (seen(FLUSHALL=3), 3, "others executed FLUSHALL (2) on the broker redis://nowhere during the trial."),
        (
            seen(is_bound=False, FLUSHALL=3),
            3,
            "the queue of the trial is gone from the broker redis://nowhere: others executed FLUSHALL (2) there",
        ),
        (
            seen(is_bound=False, FLUSHALL=1),
            0,
            "the queue of the trial is gone from the broker redis://nowhere: somebody",
        ),
        (
            seen(waiting=1, FLUSHALL=1),
            3,
            "2 requests have vanished from the broker redis://nowhere: no worker executed",
        ),
        (
            seen(is_bound=False)._replace(evicted=80),
            0,
            "the queue of the trial is gone from the broker redis://nowhere: the broker dropped 80 keys for want of m",
        ),
        (seen(waiting=1)._replace(evicted=3), 3, "the broker dropped 3 keys for want of memory"),
        (
            seen(waiting=1)._replace(refused=7),
            3,
            "the broker redis://nowhere refused connections (7) during the trial: max number of clients reached.",
        ),
    ],
)
def test_what_others_did_is_the_reason_of_a_loss(after: Observed, never_executed: int, words: str) -> None:
    """What they had executed before the trial is none."""
    fault = behind(LOST, before=seen(FLUSHALL=1), after=after, never_executed=never_executed)
    assert fault is not None
    assert fault.reason.startswith(words)


@pytest.mark.parametrize(
    ("before", "after", "never_executed"),
    [
        (seen(FLUSHALL=1), seen(FLUSHALL=1), 0),
        (seen(), seen(waiting=3), 3),
        (seen(waiting=None), seen(waiting=None), 3),
        (seen(is_bound=False), seen(is_bound=False), 0),
        (seen(), None, 3),
    ],
)
def test_a_loss_for_which_nobody_else_is_the_reason_stays_one(
    before: Observed, after: Observed | None, never_executed: int
) -> None:
    """Messages may wait where more come than are served; not every contender binds a queue; a broker may not say."""
    assert behind(LOST, before=before, after=after, never_executed=never_executed) is None


def test_counters_of_a_redis_that_began_anew_say_nothing() -> None:
    """It has dropped and refused less than before it was started again."""
    before = seen()._replace(evicted=80, refused=7)
    gone, vanished = (
        behind(LOST, before=before, after=after, never_executed=3) for after in (seen(is_bound=False), seen(waiting=1))
    )
    assert gone is not None
    assert gone.reason.endswith("is gone from the broker redis://nowhere: somebody removed it.")
    assert vanished is not None
    assert vanished.reason.startswith("2 requests have vanished")


def test_what_workers_have_taken_has_not_vanished() -> None:
    """They say so where their broker does not, as RabbitMQ does not: there too, what somebody has purged is named."""
    rabbit = seen(waiting=1)._replace(knows_held=False)
    assert behind(LOST, before=rabbit, after=rabbit, never_executed=3, held=2) is None
    fault = behind(LOST, before=rabbit, after=rabbit, never_executed=3, held=1)
    assert fault is not None
    assert fault.reason.startswith("1 requests have vanished from the broker")
    assert behind(LOST, before=seen(waiting=1), after=seen(waiting=1), never_executed=3, held=2) is not None


def test_a_trial_that_lost_nothing_is_not_failed_by_what_others_do() -> None:
    """Nor one whose work raised errors of its own; one that a broker may have raised is."""
    before, after = seen(), seen(CONFIG_SET=1)
    assert behind(CLEAN, before=before, after=after) is None
    own = msgspec.structs.replace(CLEAN, failures=[Failure(kind="ValueError", count=1, example="")])
    assert behind(own, before=before, after=after) is None
    brokers = msgspec.structs.replace(CLEAN, failures=[Failure(kind="OutOfMemoryError", count=1, example="")])
    assert behind(brokers, before=before, after=after) is not None


def test_an_answer_that_came_too_late_is_nobody_elses_doing() -> None:
    """More came than was served: messages wait, or the backlog grew; else an answer was lost with a connection."""
    before, after = seen(), Observed({"CLIENT KILL": 2}, is_bound=True, waiting=0)
    fault = behind(LOST, before=before, after=after, unanswered=3)
    assert fault is not None
    assert fault.reason == "others executed CLIENT KILL (2) on the broker redis://nowhere during the trial."
    assert behind(LOST, before=before, after=after._replace(waiting=9), unanswered=3) is None
    doubt = Doubt(kind=UNSUSTAINABLE, text="", advice="")
    growing = msgspec.structs.replace(LOST, doubts=[doubt])
    assert behind(growing, before=before, after=after, unanswered=3) is None


def test_a_queue_that_is_removed_while_nothing_moves_ends_the_trial_at_once() -> None:
    """Else each request would be waited for to its deadline; where nothing was bound, that cannot be seen."""
    broker = BrokerDouble()

    async def main(before: Observed) -> Fault | None:
        tampering = Tampering(broker, "q")
        broker.seen = before
        await tampering.begin()
        broker.seen = seen(is_bound=False)
        return await tampering.keys_gone()

    assert asyncio.run(main(seen())) is not None
    assert asyncio.run(main(seen(is_bound=False))) is None
    assert asyncio.run(Tampering(None, "").keys_gone()) is None
