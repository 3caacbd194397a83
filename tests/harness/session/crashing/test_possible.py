"""Which faults cannot strike a cell."""

import msgspec
import pytest

from harness.contenders.contender import contender_of
from harness.session.crashing.possible import cannot_strike
from tests.harness.session.doubles import plan_of
from tests.harness.session.run_doubles import BrokersDouble


@pytest.mark.parametrize(
    ("fault", "broker", "reason"),
    [
        ("kill-broker", "rabbitmq", None),
        ("kill-broker", "redis", None),
        ("kill-broker-aof", "redis", None),
        ("kill-broker-aof", "rabbitmq", "kill-broker-aof: only on redis; rabbitmq has what is durable on disk anyway"),
    ],
)
def test_a_file_of_commands_is_a_redis_alone(fault: str, broker: str, reason: str | None) -> None:
    """A RabbitMQ without one keeps durable queues."""
    plan = plan_of(contender="celery-prefork", broker=broker, workload="noop", load=f"crash:{fault}@2:burst:4")
    assert cannot_strike(plan, contender_of("celery-prefork"), BrokersDouble([])) == reason


@pytest.mark.parametrize("workload", ["cancel", "periodic"])
def test_a_job_that_its_caller_stops_has_no_end_that_a_crash_takes(workload: str) -> None:
    """It would be called lost, whatever became of it; one that ends by itself can be struck."""
    plan = plan_of(contender="asyncio", workload=workload, load="crash:kill-app@2:burst:4")
    said = "its job is stopped by its caller, and so has no end that a crash could take from it"
    assert cannot_strike(plan, contender_of("asyncio"), BrokersDouble([])) == said
    ends = msgspec.structs.replace(plan, workload="delayed")
    assert cannot_strike(ends, contender_of("asyncio"), BrokersDouble([])) is None


@pytest.mark.parametrize(
    ("contender", "drivers", "is_struck"), [("celery-prefork", 1, False), ("asyncio", 1, True), ("asyncio", 2, False)]
)
def test_workers_and_drivers_that_wait_elsewhere_are_not_struck(contender: str, drivers: int, is_struck: bool) -> None:
    """They note no execution, and nobody would start them again; work in the run's own driver can be struck."""
    broker = "redis" if contender.startswith("celery") else None
    plan = plan_of(contender=contender, broker=broker, workload="noop", load="crash:kill-app@2:burst:4")
    plan = msgspec.structs.replace(plan, drivers=drivers)
    said = cannot_strike(plan, contender_of(contender), BrokersDouble([]), external=True)
    assert (said is None) == is_struck
    assert said is None or said.endswith("leave out --workers external")
