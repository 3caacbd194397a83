"""Waiting times against the textbook: Crommelin's M/D/c."""

import math
from statistics import fmean

import pytest

from harness.statistics.sizing.queues import (
    drawn_waits_s,
    percentile,
    waits_s,
)


@pytest.mark.parametrize(("servers", "busy"), [(1, 0.7), (2, 0.8), (4, 0.7)])
def test_drawn_waits_are_those_of_constant_service(servers: int, busy: float) -> None:
    """Against the exact distribution of M/D/c; a mean over 18,000 requests is still some percent off."""
    drawn = drawn_waits_s(servers, servers * busy, [1.0], seed=3)
    assert fmean(wait for wait, _ in drawn) == pytest.approx(_crommelin(servers, busy), rel=0.1)


def test_more_servers_than_requests_take_no_more_memory() -> None:
    """A long job at a high rate needs millions of slots."""
    assert {wait for wait, _ in drawn_waits_s(10**12, 1e6, [3600.0], seed=3)} == {0.0}


def test_requests_are_served_in_their_order_by_whichever_server_is_free() -> None:
    """Three at once on two servers; the fourth finds one that is free."""
    assert waits_s(2, [0.0, 0.0, 0.0, 5.0], [2.0, 3.0, 1.0, 1.0]) == [0.0, 0.0, 2.0, 0.0]


def test_a_percentile_is_a_value_that_was_there() -> None:
    """The least that so many do not exceed."""
    assert percentile(range(1, 101), 99) == 99
    assert percentile([7.0], 99) == 7.0


def _crommelin(servers: int, busy: float) -> float:
    """The mean wait of M/D/c in service times: the distribution that a step of one service time leaves as it is."""
    arrivals = servers * busy
    states = 50
    poisson = [math.exp(number * math.log(arrivals) - arrivals - math.lgamma(number + 1)) for number in range(states)]
    chances = [1.0, *[0.0] * (states - 1)]
    for _ in range(300):
        left = [sum(chances[: servers + 1]), *chances[servers + 1 :], *[0.0] * servers]
        stepped = [math.fsum(left[stays] * poisson[now - stays] for stays in range(now + 1)) for now in range(states)]
        total = math.fsum(stepped)
        chances = [chance / total for chance in stepped]
    waiting = sum((number - servers) * chance for number, chance in enumerate(chances) if number > servers)
    return waiting / arrivals
