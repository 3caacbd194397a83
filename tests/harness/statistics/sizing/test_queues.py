"""Waiting times against the textbook: Erlang's tables, Pollaczek and Khinchine, Crommelin's M/D/c."""

import math
from statistics import fmean

import pytest

from harness.statistics.sizing.queues import (
    drawn_waits_s,
    erlang_c,
    mean_wait_s,
    percentile,
    waits_s,
)


@pytest.mark.parametrize(
    ("servers", "offered", "chance"),
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 4.0, 0.5541), (10, 8.0, 0.4092), (100, 90.0, 0.2169)],
)
def test_the_chance_of_waiting_is_that_of_erlangs_tables(servers: int, offered: float, chance: float) -> None:
    """Of M/M/c."""
    assert erlang_c(servers, offered) == pytest.approx(chance, rel=1e-3)


def test_too_few_servers_let_all_wait_for_ever() -> None:
    """As much is offered as they can do."""
    assert erlang_c(4, 4.0) == 1.0
    assert mean_wait_s(4, 20.0, [0.2]) == math.inf


def test_with_one_server_the_mean_wait_is_that_of_pollaczek_and_khinchine() -> None:
    """Constant service: ρ ÷ (2 (1 − ρ)) service times, which is 1.17 at 70 % and 4.5 at 90 %."""
    assert mean_wait_s(1, 0.7, [1.0]) == pytest.approx(0.7 / 0.6)
    assert mean_wait_s(1, 0.9, [1.0]) == pytest.approx(4.5)
    mixed = [0.5, 1.5]
    assert mean_wait_s(1, 0.5, mixed) == pytest.approx(0.5 * fmean(s * s for s in mixed) / (2 * 0.5))


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
