"""A contender as it is written: slots, settings and broker behind its name."""

import os

import pytest

from harness.errors import UsageError
from harness.plan.contender_spec import ContenderSpec, parse_contender


def test_prefork_without_slots_has_as_many_as_cpus_and_asyncio_none() -> None:
    """A plan need not know the machine."""
    assert parse_contender("celery-prefork", "-c") == ContenderSpec("celery-prefork", os.cpu_count(), "redis")
    assert parse_contender("asyncio", "-c") == ContenderSpec("asyncio", None, None)
    assert parse_contender("celery-solo", "-c") == ContenderSpec("celery-solo", 1, "redis")


def test_a_broker_is_named_behind_the_slots() -> None:
    """The default, Redis, is left out; a contender without a broker takes none."""
    assert parse_contender("celery-threads:4@rabbitmq", "-c") == ContenderSpec("celery-threads", 4, "rabbitmq")
    assert str(parse_contender("celery-threads:4@rabbitmq", "-c")) == "celery-threads:4@rabbitmq"
    assert str(parse_contender("celery-threads:4@redis", "-c")) == "celery-threads:4"
    with pytest.raises(UsageError, match="has no broker"):
        parse_contender("asyncio:4@redis", "-c")
    with pytest.raises(UsageError, match="Did you mean 'rabbitmq'"):
        parse_contender("celery-threads@rabitmq", "-c")


@pytest.mark.parametrize("slots", ["", "0", "-1", "1.5", "²", "100001", "9" * 5000])
def test_slots_are_a_whole_number_above_0(slots: str) -> None:
    """Any other text is refused with what was written."""
    with pytest.raises(UsageError, match=f"'asyncio:{slots}': expected slots as a whole number above 0"):
        parse_contender(f"asyncio:{slots}", "-c")


def test_a_worker_of_one_slot_cannot_share_it_with_another() -> None:
    """Else the second one would run with slots that nobody asked for."""
    with pytest.raises(UsageError, match="2 workers need at least one slot each; got 1"):
        parse_contender("celery-solo+2-workers", "here")
