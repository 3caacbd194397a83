"""Plans as they are read: names of contenders, shipped plans, malformed files."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan import plan as plans


def test_prefork_without_slots_has_as_many_as_cpus_and_asyncio_none() -> None:
    """As each is without further ado."""
    import os

    assert plans.parse_contender("celery-prefork", "-c") == plans.Named("celery-prefork", os.cpu_count(), "redis")
    assert plans.parse_contender("asyncio", "-c") == plans.Named("asyncio", None, None)
    assert plans.parse_contender("celery-solo", "-c") == plans.Named("celery-solo", 1, "redis")


def test_a_broker_is_named_behind_the_slots() -> None:
    """Redis is the default and goes without saying; what has no broker takes none."""
    assert plans.parse_contender("celery-threads:4@rabbitmq", "-c") == plans.Named("celery-threads", 4, "rabbitmq")
    assert str(plans.parse_contender("celery-threads:4@rabbitmq", "-c")) == "celery-threads:4@rabbitmq"
    assert str(plans.parse_contender("celery-threads:4@redis", "-c")) == "celery-threads:4"
    with pytest.raises(UsageError, match="has no broker"):
        plans.parse_contender("asyncio:4@redis", "-c")
    with pytest.raises(UsageError, match="Did you mean 'rabbitmq'"):
        plans.parse_contender("celery-threads@rabitmq", "-c")


@pytest.mark.parametrize("name", sorted(plans.shipped()))
def test_every_shipped_plan_is_valid(name: str) -> None:
    """All its names, numbers and settings."""
    assert plans.cells(plans.load_plan(name), name)


def test_quick_has_the_three_views() -> None:
    """Matched slots for every workload; matched resources and asyncio unbounded on http_date."""
    quick = plans.load_plan("quick")
    slots, resources, unbounded = quick.view
    assert slots.matched == "slots"
    assert slots.workloads == ["noop", "sleep", "http_date"]
    assert resources.matched == "resources"
    assert unbounded.matched == "none"
    assert quick.rounds == 3


def test_malformed_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    """Where to look."""
    path = tmp_path / "p.toml"
    path.write_text("rounds = 3\nduration = 1s\n")
    with pytest.raises(UsageError, match=r"p\.toml: malformed TOML: .*line 2, column \d+"):
        plans.load_plan(str(path))
