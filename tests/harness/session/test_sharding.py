"""Which cells can be measured over several brokers of one kind."""

import pytest

from harness.session.sharding import cannot_shard
from tests.harness.session.doubles import plan_of


@pytest.mark.parametrize(
    ("load", "drivers", "slots", "reason"),
    [
        ("closed:8", 2, 4, None),
        ("open:50/s", 4, 4, None),
        ("closed:1", 1, 4, None),
        ("drain:50", 1, 4, "drain:50 is made by one driver, which has one of 2 brokers"),
        ("closed:8", 3, 4, "closed:8 is made by one driver"),
        ("closed:8", 2, 1, "1 slots cannot be shared by 2 brokers"),
    ],
)
def test_loads_that_drivers_share_and_slots_for_each(load: str, drivers: int, slots: int, reason: str | None) -> None:
    """A single client is one of one broker, whatever the others do; with a single broker there is no question."""
    plan = plan_of(load=load, drivers=drivers, slots=slots)
    said = cannot_shard(plan, 2, external=False)
    assert said == reason if reason is None else reason in str(said)
    assert cannot_shard(plan, 1, external=False) is None


def test_slots_of_workers_elsewhere_are_theirs() -> None:
    """They add up, whatever was asked for."""
    assert cannot_shard(plan_of(drivers=2, slots=1), 2, external=True) is None
