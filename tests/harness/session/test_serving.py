"""The services of a trial are asked together; the first that others depend on is named."""

import asyncio
import threading

from harness.errors import ServiceError
from harness.session.serving import SILENT_S, Fault, Serving
from tests.harness.session.doubles import BrokerDouble
from tests.running import in_virtual_time


def test_what_has_ended_is_named_and_not_asked() -> None:
    """It could not answer."""
    broker = BrokerDouble(own=False)
    serving = Serving({"redis 0": broker})
    assert serving.gone() is None
    broker.ended = "it has ended"
    broker.fails = AssertionError("it was asked")
    assert asyncio.run(serving.fault()) == Fault("it has ended", "redis 0", is_own=False)


def test_what_runs_and_does_not_serve_is_named() -> None:
    """With its error; nothing if all answer."""
    first, second = BrokerDouble(), BrokerDouble()
    serving = Serving({"redis 0": first, "redis 1": second})
    assert asyncio.run(serving.fault()) is None
    second.fails = ServiceError("the second did not answer.")
    assert asyncio.run(serving.fault()) == Fault("the second did not answer.", "redis 1", is_own=True)
    first.fails = ServiceError("the first did not answer.")
    assert asyncio.run(serving.fault()) == Fault("the first did not answer.", "redis 0", is_own=True)


def test_a_service_that_does_not_answer_because_a_signal_has_stopped_it_is_named_for_that() -> None:
    """That is the cause of its silence."""
    broker = BrokerDouble()
    broker.fails = ServiceError("the broker did not answer within 3 s.")
    broker.is_stopped = "process 8 of the run's own Redis was stopped by a signal (SIGSTOP)"
    assert asyncio.run(Serving({"redis 0": broker}).silent()) == Fault(broker.is_stopped, "redis 0", is_own=True)


def test_services_that_never_answer_are_given_up_all_at_once() -> None:
    """In the time of one question, with the name of the first."""
    answers = threading.Event()
    brokers = [BrokerDouble() for _ in range(3)]
    for broker in brokers:
        broker.answer = answers.wait  # type: ignore[method-assign,assignment]

    async def main() -> tuple[Fault | None, float]:
        begun = asyncio.get_running_loop().time()
        fault = await Serving({f"redis {number}": broker for number, broker in enumerate(brokers)}).silent()
        return fault, asyncio.get_running_loop().time() - begun

    try:
        fault, seconds = in_virtual_time(main())
    finally:
        answers.set()
    assert fault is not None
    assert fault.service == "redis 0"
    assert fault.reason.startswith(f"the broker redis://nowhere did not answer within {SILENT_S:g} s.")
    assert seconds == SILENT_S
