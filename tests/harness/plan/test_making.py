"""The plan of a run: what the command line replaces of the plan that it names."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import broker_urls, drivers_of, make_plan, most_origin_requests, shards_of
from harness.services.brokers.broker import RPC, broker_url, run_broker_url
from harness.services.origin import origin_url

PLAN = """
duration = "2s"
[[view]]
name = "first"
workloads = ["sleep", "http_date"]
contenders = ["asyncio:4", "celery-threads:4"]
loads = ["closed:8"]
duration = "3s"
floor = false
set = { sleep = { seconds = 0.1 } }
[[view]]
name = "second"
workloads = ["noop"]
contenders = ["asyncio"]
loads = ["open:5/s"]
"""

REDIS = broker_url("redis://h/0")


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """The path of a plan with two views."""
    path = tmp_path / "mine.toml"
    path.write_text(PLAN)
    return str(path)


def test_a_run_of_nothing_but_a_plan_is_that_plan(plan: str) -> None:
    """Both views, with their own times."""
    made = make_plan(Asked(plan=plan))
    assert (made.name, [view.name for view in made.view]) == ("mine", ["first", "second"])
    assert {cell.duration_s for cell in cells(made, "here")} == {3.0, 2.0}


def test_what_is_given_makes_one_view_and_the_rest_comes_from_the_first(plan: str) -> None:
    """A workload is given; contenders, loads, times, parameters and no floor are those of the first view."""
    (view,) = make_plan(Asked(plan=plan, workloads=["sleep"])).view
    assert (view.workloads, view.contenders, view.loads) == (["sleep"], ["asyncio:4", "celery-threads:4"], ["closed:8"])
    assert (view.duration, view.floor, view.set) == ("3s", False, {"sleep": {"seconds": 0.1}})


@pytest.mark.parametrize(
    ("contenders", "matched"),
    [
        (["asyncio:4", "celery-threads:4"], "slots"),
        (["asyncio", "celery-solo"], "resources"),
        (["asyncio:4", "celery-threads:8"], "none"),
        (["asyncio"], "resources"),
        (["asyncio:2", "celery-solo"], "none"),
    ],
)
def test_contenders_given_by_hand_match_what_they_have_in_common(
    plan: str, contenders: list[str], matched: str
) -> None:
    """The same slots; or one process with one thread each."""
    (view,) = make_plan(Asked(plan=plan, contenders=contenders)).view
    assert view.matched == matched


def test_a_duration_that_is_given_replaces_those_of_views(plan: str) -> None:
    """Rounds and requests are replaced too."""
    assert {cell.duration_s for cell in cells(make_plan(Asked(plan=plan, duration="1s")), "here")} == {1.0}
    made = make_plan(Asked(plan=plan, rounds="7", requests=50))
    assert {(cell.rounds, cell.requests) for cell in cells(made, "here")} == {(7, 50)}


def test_other_rounds_keep_a_views_share_of_them(tmp_path: Path) -> None:
    """At least one."""
    path = tmp_path / "plan.toml"
    path.write_text("rounds = 20\n" + PLAN + "rounds = 5\n")
    for asked, rounds in ((None, 5), ("40", 10), ("4", 1), ("1", 1), ("auto", 5)):
        assert make_plan(Asked(plan=str(path), rounds=asked)).view[-1].rounds == rounds


@pytest.mark.parametrize(
    ("rounds", "boots", "of_each"),
    [(4, 2, [0, 0, 1, 1]), (5, 2, [0, 0, 0, 1, 1]), (5, None, [0, 0, 1, 1, 2]), (1, None, [0]), (3, 3, [0, 1, 2])],
)
def test_rounds_are_spread_evenly_over_boots(plan: str, rounds: int, boots: int | None, of_each: list[int]) -> None:
    """Two rounds each, where no number of boots is given."""
    made = make_plan(Asked(plan=plan, rounds=str(rounds), boots=boots))
    assert [made.boot_of(number) for number in range(1, rounds + 1)] == of_each
    assert made.boots_most == of_each[-1] + 1


def test_the_boots_of_a_plan_are_those_of_its_own_rounds(tmp_path: Path) -> None:
    """Other rounds have one boot for every two again, unless a number is given too."""
    path = tmp_path / "two.toml"
    path.write_text("rounds = 4\nboots = 1\n" + PLAN)
    assert make_plan(Asked(plan=str(path))).boots_most == 1
    assert make_plan(Asked(plan=str(path), boots=4)).boots_most == 4
    assert make_plan(Asked(plan=str(path), rounds="10")).boots_most == 5
    assert make_plan(Asked(plan=str(path), rounds="auto")).boots_most == 15


def test_a_parameter_is_set_in_every_view_that_has_the_workload(plan: str) -> None:
    """The last one given counts; others are untouched."""
    made = make_plan(Asked(plan=plan, settings=["sleep.seconds=0.2", "sleep.seconds=0.3"]))
    assert [view.set for view in made.view] == [{"sleep": {"seconds": "0.3"}}, {}]


def test_one_broker_of_each_kind_makes_cells_on_both(plan: str) -> None:
    """A result backend without RabbitMQ is refused."""
    made = make_plan(Asked(plan=plan, brokers=[REDIS, broker_url("amqp://h//")]))
    assert [view.brokers for view in made.view] == [["redis", "rabbitmq"]] * 2
    with pytest.raises(UsageError, match="--result-backend"):
        make_plan(Asked(plan=plan, brokers=[REDIS], result_backend=RPC))


def test_a_kind_without_a_url_is_one_of_the_runs_own(plan: str) -> None:
    """It is the default of its contenders, and may stand beside one of another kind that was given."""
    rabbit, redis = run_broker_url("rabbitmq"), run_broker_url("redis")
    assert broker_urls(Asked(brokers=[rabbit])) == {"rabbitmq": []}
    assert broker_urls(Asked(brokers=[REDIS, rabbit])) == {"redis": [REDIS], "rabbitmq": []}
    assert [view.brokers for view in make_plan(Asked(plan=plan, brokers=[redis, rabbit])).view] == [
        ["redis", "rabbitmq"]
    ] * 2
    assert shards_of(Asked(brokers=[rabbit], shards=2)) == 2
    with pytest.raises(UsageError, match="redis is to be started by the run, and one is given"):
        broker_urls(Asked(brokers=[REDIS, redis]))
    with pytest.raises(UsageError, match="rabbitmq is given twice"):
        broker_urls(Asked(brokers=[rabbit, rabbit]))
    with pytest.raises(UsageError, match="--workers external: add the broker"):
        make_plan(Asked(plan=plan, brokers=[rabbit], workers="external"))


def test_several_brokers_of_one_kind_share_the_requests(plan: str) -> None:
    """Each has as many drivers; kinds are not mixed with them, and none is given twice, whatever its password."""
    shards = [REDIS, broker_url("redis://h/1")]
    asked = Asked(plan=plan, brokers=shards, drivers=3)
    assert [view.brokers for view in make_plan(asked).view] == [["redis"]] * 2
    assert broker_urls(asked) == {"redis": shards}
    assert (shards_of(asked), drivers_of(asked)) == (2, 4)
    own = Asked(plan=plan, shards=3)
    assert (broker_urls(own), shards_of(own), drivers_of(own)) == ({}, 3, 3)
    with pytest.raises(UsageError, match="2 brokers of the kind redis, and one of another kind"):
        make_plan(Asked(plan=plan, brokers=[*shards, broker_url("amqp://h//")]))
    with pytest.raises(UsageError, match=r"redis://:\*\*\*@h/1 is given twice"):
        make_plan(Asked(plan=plan, brokers=[*shards, broker_url("redis://:secret@h/1")][::-1]))
    with pytest.raises(UsageError, match="--shards: so many brokers of the run's own"):
        make_plan(Asked(plan=plan, brokers=[REDIS], shards=2))
    with pytest.raises(UsageError, match="several brokers of a kind and --requests exclude each other"):
        make_plan(Asked(plan=plan, brokers=shards, requests=10))


def test_a_search_has_times_of_its_own_unless_a_duration_is_given(plan: str) -> None:
    """Views' times are of measuring at a known load."""
    found = cells(make_plan(Asked(plan=plan, find_rate="p99<250ms")), "here")
    assert {(cell.warmup_s, cell.duration_s) for cell in found} == {(1.0, 10.0)}
    given = cells(make_plan(Asked(plan=plan, find_rate="p99<250ms", duration="4s")), "here")
    assert {cell.duration_s for cell in given} == {4.0}
    assert all(cell.id.endswith("/p99<250ms") for cell in given)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"workers_at_most": 2}, "--workers-at-most: only workers that wait are leased"),
        ({"wait": "5min"}, "--wait: only workers that wait are leased: add --workers external, or leave it out"),
        ({"requests": 5, "duration": "1s"}, "--duration and --requests exclude each other"),
        ({"find_rate": "p99<1s", "loads": ["closed:8"]}, "--find-rate and --load exclude each other"),
        ({"find_rate": "p99<1s", "requests": 5}, "--find-rate and --requests exclude each other"),
        ({"find_rate": "p99<1s", "rounds": "auto"}, "--find-rate and --rounds auto exclude each other"),
        ({"find_rate": "p99>1s"}, "--find-rate: expected a percentile"),
        ({"rounds": "many"}, "--rounds: expected rounds from 1 to 1000, or auto; got 'many'"),
        ({"rounds": "0"}, "got '0'"),
        ({"rounds": "4", "boots": 5}, "expected boots from 1 to the number of rounds, 4; got 5"),
        ({"rounds": "auto", "boots": 2}, "boots and rounds = auto exclude each other"),
        (
            {"workers": "external", "brokers": [REDIS], "boots": 2},
            "--workers external and --boots exclude each other",
        ),
        ({"settings": ["flaky_http.retries=1"]}, "flaky_http is not in this run; add -w flaky_http"),
        ({"drivers": 2, "requests": 50}, "--drivers and --requests exclude each other"),
        ({"workers": "external"}, "--workers external: add the broker"),
        ({"origin": origin_url("https://example.com")}, "--allow-remote-origin"),
        ({"origin": origin_url("https://example.com"), "allow_remote_origin": True}, "--requests of at most 60"),
    ],
)
def test_what_does_not_go_together_is_refused(plan: str, asked: dict[str, object], message: str) -> None:
    """With the options that it is about."""
    with pytest.raises(UsageError, match=message):
        make_plan(Asked(plan=plan, **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loads", "requests", "most"),
    [
        (["closed:8"], None, None),
        (["closed:8"], 50, 50),
        (["drain:20"], None, 20),
        (["drain:20", "burst:90"], 50, 90),
        (["drain:20", "open:5/s"], None, None),
    ],
)
def test_the_most_requests_to_the_origin_are_known_where_a_number_ends_each_trial(
    plan: str, loads: list[str], requests: int | None, most: int | None
) -> None:
    """A stranger's service is sent no more than a few."""
    assert most_origin_requests(make_plan(Asked(plan=plan, loads=loads, requests=requests)), "here") == most
    assert most_origin_requests(make_plan(Asked(plan=plan, workloads=["noop"], loads=loads)), "here") == 0


def test_a_plan_of_layers_takes_another_workload_apart_too() -> None:
    """Also a job of one's own; contenders with unequal slots are no layers."""
    (view,) = make_plan(Asked(plan="layers", workloads=["sleep"])).view
    assert (view.name, view.matched, view.workloads) == ("layers", "layers", ["sleep"])
    assert view.contenders[0] == "asyncio:16"
    (fewer,) = make_plan(Asked(plan="layers", contenders=["asyncio:4", "celery-threads:4"])).view
    assert fewer.matched == "layers"
    (unequal,) = make_plan(Asked(plan="layers", contenders=["asyncio:4", "celery-threads:2"])).view
    assert unequal.matched == "none"
