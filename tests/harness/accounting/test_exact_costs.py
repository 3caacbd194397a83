"""Exact costs: whole numbers of commands a request, whatever the edges of the window hold."""

import pytest

from harness.accounting.exact_costs import exact_costs
from harness.loads.load import LoadFigures
from harness.services.brokers.redis import calls_of
from tests.harness.accounting.conftest import reading


def figures(per_s: float, completed: int | None = None) -> LoadFigures:
    """Of a load."""
    return LoadFigures(throughput_per_s=per_s, completed=completed)


def test_commands_of_requests_at_the_edges_are_no_part_of_a_request() -> None:
    """100 requests in two seconds: 107 pushes are one each, 293 MULTIs three; four PINGs are none."""
    first = reading(0.0, 0.0, count=1000, calls={"lpush": 500, "multi": 300}, bytes_moved=1000)
    last = reading(2.0, 0.0, count=2000, calls={"lpush": 607, "multi": 593, "ping": 4}, bytes_moved=401_000)
    exact = exact_costs((first, last), figures(50.0))
    assert exact.calls == {"lpush": 1.0, "multi": 3.0}
    assert exact.bytes_moved == pytest.approx(4000)


def test_a_command_that_only_some_requests_take_keeps_its_fraction() -> None:
    """Such as a retry."""
    last = reading(2.0, 0.0, count=2000, calls={"lpush": 140}, bytes_moved=1)
    assert exact_costs((reading(0.0, 0.0, count=0), last), figures(50.0)).calls == {"lpush": 1.4}


def test_a_backlog_counts_by_what_was_completed() -> None:
    """It has no window."""
    last = reading(7.0, 0.0, count=2000, calls={"brpop": 401})
    assert exact_costs((reading(0.0, 0.0, count=0), last), figures(50.0, completed=400)).calls == {"brpop": 1.0}


@pytest.mark.parametrize(("latency_ms", "calls"), [(10.0, 2.7), (200.0, 3.0)])
def test_requests_under_way_at_both_readings_may_have_taken_some_of_their_commands(
    latency_ms: float, calls: float
) -> None:
    """100 requests in two seconds: 0.5 of them are under way at once, or 10; a tenth of the MULTIs lie outside."""
    last = reading(2.0, 0.0, count=2000, calls={"multi": 270}, bytes_moved=1)
    exact = exact_costs((reading(0.0, 0.0, count=0), last), figures(50.0), latency_ms)
    assert exact.calls == {"multi": calls}


def test_messages_are_no_commands() -> None:
    """A RabbitMQ beside the Redis that keeps its results."""
    calls = {"messages published": 100, "messages delivered": 100, "setex": 100, "publish": 100}
    exact = exact_costs((reading(0.0, 0.0, count=0), reading(2.0, 0.0, count=9, calls=calls)), figures(50.0))
    assert exact.commands == 2
    assert exact.calls["messages published"] == 1
    only = reading(2.0, 0.0, count=9, calls={"messages published": 100})
    assert exact_costs((reading(0.0, 0.0, count=0), only), figures(50.0)).commands is None


def test_nothing_is_said_of_few_requests_or_of_a_broker_that_does_not_count() -> None:
    """At the edges of a window are as many."""
    first, last = reading(0.0, 0.0, count=0), reading(2.0, 0.0, count=90, calls={"lpush": 40})
    assert exact_costs((first, last), figures(20.0)) == ({}, None)
    assert exact_costs((first, reading(2.0, 0.0)), figures(50.0)) == ({}, None)
    assert exact_costs(None, figures(50.0)) == ({}, None)
    whole = reading(2.0, 0.0, count=9, calls={"lpush": 100}, bytes_moved=1)
    assert exact_costs((first, whole), figures(50.0), latency_ms=360.0) == ({}, None)  # 18 of 100 are under way


def test_calls_are_read_from_what_redis_says_of_all() -> None:
    """And of nothing else."""
    info = {"cmdstat_lpush": {"calls": 3, "usec": 9}, "cmdstat_client|info": {"calls": 1}, "redis_version": "8.0.0"}
    assert calls_of(info) == {"lpush": 3, "client|info": 1}
