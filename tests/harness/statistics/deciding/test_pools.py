"""Which pool is taken, and the rate and limit that are used where none were given."""

from harness.statistics.deciding.pools import Tried, chosen, usual_limit_s, usual_rate


def taken(*tried: Tried) -> dict[str, bool]:
    """Pool → whether it was taken."""
    return {pool.contender: pool.taken for pool in chosen(tried)}


def test_the_pool_that_serves_the_most_is_taken() -> None:
    """Whatever its memory."""
    found = taken(Tried("threads:32", 100.0, 90.0), Tried("prefork:16", 150.0, 500.0))
    assert found == {"threads:32": False, "prefork:16": True}


def test_of_equal_pools_the_one_with_the_least_memory_is_taken() -> None:
    """Ten per cent are not told apart by a single trial."""
    tried = [Tried("prefork:16", 200.0, 500.0), Tried("threads:32", 181.0, 90.0), Tried("gevent:32", 179.0, 80.0)]
    pools = chosen(tried)
    assert [pool.taken for pool in pools] == [False, True, False]
    assert pools[0].why == "200/s in full use, 500 MB: no more than threads:32"
    assert pools[1].why == "181/s in full use, 90 MB: the least memory of those within 10 % of the most"
    assert pools[2].why == "179/s in full use, 80 MB: less than threads:32"


def test_a_pool_that_did_not_serve_well_is_not_taken() -> None:
    """However much it served."""
    pools = chosen(
        [Tried("gevent:32", 900.0, 80.0, "3 requests were not answered well"), Tried("threads:32", 9.0, None)]
    )
    assert [pool.taken for pool in pools] == [False, True]
    assert pools[0].why == "3 requests were not answered well"


def test_without_a_pool_that_serves_none_is_taken() -> None:
    """Each says why."""
    pools = chosen([Tried("threads:32", None, None, "the worker did not start"), Tried("gevent:32", None, None)])
    assert [(pool.taken, pool.why) for pool in pools] == [
        (False, "the worker did not start"),
        (False, "it served nothing"),
    ]


def test_the_usual_rate_takes_a_share_of_the_cores_and_no_more_than_half_of_what_was_served() -> None:
    """10 ms of CPU a request: 60/s are 0.6 of two cores."""
    assert usual_rate(0.010, 2, 500.0, "celery-threads") == (
        60.0,
        "30 % of what 2 cores allow, by the CPU of one request alone on celery-threads",
    )
    assert usual_rate(0.010, 2, 50.0, "celery-threads") == (25.0, "50 % of what celery-threads served in full use")
    assert usual_rate(None, 2, 50.0, "asyncio", seen=False)[0] == 25.0


def test_the_usual_limit_is_five_times_the_slower_median() -> None:
    """Both sides then have a chance."""
    assert usual_limit_s([53.2, 66.0]) == 0.33
