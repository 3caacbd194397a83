"""What a driver on another machine accepts as an order, and what it refuses: nothing in it is believed unchecked."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.contenders.contender import Assignment
from harness.driver.messages import TrialSpec
from harness.driver.modules import modules_of, preload_of
from harness.driver.remote.order import ORDER_BYTES_MOST, Order, accepted, order_of
from harness.errors import UsageError
from harness.services.brokers.broker import RPC, BrokerPlace, broker_url
from harness.services.waiting_places import waiting_places
from workloads.workload import Services

OURS = waiting_places([broker_url("redis://:ours@here:6379/0")], None)
PRELOAD = preload_of(["celery-threads"], ["sleep", "noop"], "the test")
TRIAL = (2**40 - 1) << 20
SPEC = TrialSpec(
    contender="celery-threads",
    assignment=Assignment(
        workload="sleep",
        tuning=["batch"],
        slots=4,
        services=Services(
            origin_url="http://origin:8000", origin_is_ours=False, postgres_schema="workbench_1", trial=TRIAL
        ),
        broker=BrokerPlace(broker_url("redis://:theirs@there/0"), broker_url("redis://:theirs@there/0"), "workbench:"),
        queue="run 1:celery-threads-4",
        workers=["threads-1@far"],
        trial=TRIAL,
    ),
    params={"seconds": 0.05, "draw": "exponential"},
    load="closed:4",
    warmup_s=1.0,
    duration_s=2.0,
    requests=None,
    timeout_s=30.0,
    seed=5,
    spool="/anywhere",
    driver=1,
    together=True,
    sampled=True,
)


def order(**changes: Any) -> str:
    """The order for that trial, with fields replaced, as it travels."""
    fields = json.loads(order_of(SPEC, PRELOAD, "run:abcdef")) | changes
    return json.dumps({key: value for key, value in fields.items() if value is not ...})


def test_an_order_is_the_trial_on_the_drivers_own_brokers() -> None:
    """Neither a URL with its password travels, nor the path of a spool, nor the name of a module."""
    text = order()
    assert not any(word in text for word in ("redis://", "theirs", "anywhere", "celery_side", "workloads."))
    taken = accepted(text, OURS)
    ours = msgspec.structs.replace(SPEC.assignment, broker=OURS["redis"][0])
    assert taken.spec == msgspec.structs.replace(SPEC, assignment=ours, spool="")
    assert (taken.side, taken.modules) == ("celery", modules_of(PRELOAD))


def test_every_field_of_a_trial_is_in_its_order_or_the_drivers_own() -> None:
    """A new field would otherwise be lost on the way."""
    own = {"assignment", "spool", "services", "broker", "keeps"}
    own |= {"ledger", "issued_before"}  # of faults, which strike only what a run starts on its own machine
    own |= {"gaps_us"}  # of a load that cannot be spread over drivers, and so needs none elsewhere
    fields = {*TrialSpec.__struct_fields__, *Assignment.__struct_fields__, *Services.__struct_fields__} - own
    assert fields <= set(Order.__struct_fields__)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"contender": "celery-thread"},
            r"unknown contender 'celery-thread' in the order\. Did you mean 'celery-threads'",
        ),
        ({"contender": "celery"}, "unknown contender 'celery'"),
        ({"contender": "../harness/contenders/fake"}, "unknown contender"),
        ({"contender": "venv.__main__"}, "unknown contender"),
        ({"workload": "sleap"}, r"unknown workload 'sleap' in the order\. Did you mean 'sleep'"),
        ({"workload": "__init__"}, "unknown workload"),
        ({"with_workloads": ["venv.__main__", "/home", "--clear"]}, "unknown workload 'venv.__main__'"),
        ({"with_contenders": ["--clear"]}, "unknown contender '--clear'"),
        ({"with_workloads": ["noop"] * 300}, "length <= 256"),
        ({"tuning": ["bach"]}, "Did you mean 'batch'"),
        ({"load": "close:4"}, "unknown load 'close'"),
        ({"load": "closed:9999999"}, "closed:N"),
        ({"load": "open:{0.__class__}/s"}, "open:R/s"),
        ({"load": "replay:/etc/passwd"}, "the order: replay is made from a file, and no order may name one"),
        ({"params": {"second": 1.0}}, "unknown parameter of sleep 'second'.*Did you mean 'seconds'"),
        ({"params": {"seconds": 1e9}}, r"<= 3600.0 - at `\$.seconds`"),
        ({"params": {"seconds": "0.1"}}, "Expected `float`"),
        ({"params": {"seconds": {"a": 1}}}, "Expected"),
        ({"slots": 10**9}, "<= 100000"),
        ({"slots": True}, "Expected"),
        ({"trial": -1}, ">= 0"),
        ({"trial": 2**62}, "<= "),
        ({"driver": 10**6}, "<= 9999"),
        ({"timeout_s": 1e300}, "<= 604800"),
        ({"duration_s": -1}, ">= 0"),
        ({"requests": 10**12}, "<= 1000000000"),
        ({"broker": "rabbitmq"}, "unknown kind of broker 'rabbitmq'.*start this driver with --broker for each"),
        ({"broker": "os.path:join"}, "unknown kind of broker"),
        ({"broker": None}, "needs a broker"),
        ({"results": "rpc"}, "the run keeps results of redis in rpc, this driver in redis"),
        ({"origin_url": "file:///etc/passwd"}, "matching regex"),
        ({"origin_url": "http://a b"}, "matching regex"),
        ({"postgres_schema": 'x"; DROP'}, "matching regex"),
        ({"queue": "a\r\nb"}, "matching regex"),
        ({"workers": ["a"] * 2000}, "length <= 1000"),
        ({"modules": ["venv.__main__"]}, "unknown field `modules`"),
        ({"spool": "/etc/passwd"}, "unknown field `spool`"),
        ({"seed": ...}, "missing required field `seed`"),
    ],
)
def test_what_is_no_order_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    """Unknown names with the nearest one, wrong kinds and sizes with their place."""
    with pytest.raises(UsageError, match=reason):
        accepted(order(**changes), OURS)


@pytest.mark.parametrize(
    "body",
    [
        None,
        1,
        ["a"],
        {"contender": "fake"},
        "",
        "[]",
        "{",
        "[" * 100_000,
        "1" * 5000,
        '"\ud800"',
        "x" * (ORDER_BYTES_MOST + 1),
    ],
    ids=lambda body: str(body)[:10],
)
def test_whatever_else_is_sent_is_refused_too(body: object) -> None:
    """Never by another error."""
    with pytest.raises(UsageError, match="the order"):
        accepted(body, OURS)


def test_a_contender_without_a_broker_has_none(tmp_path: Path) -> None:
    """Whatever the order says."""
    taken = accepted(order(contender="asyncio", tuning=[], queue="", workers=[], with_contenders=["asyncio"]), OURS)
    assert taken.spec.assignment.broker is None
    assert not any("celery" in name for name in taken.modules)


def test_a_driver_has_the_broker_of_its_number_where_several_share_the_requests() -> None:
    """As many as the run has; which of them it is called follows from the order in which it was given them."""
    urls = [broker_url("redis://:ours@here/0"), broker_url("redis://:ours@there/0")]
    for driver, url in ((0, urls[0]), (1, urls[1]), (2, urls[0])):
        place = accepted(order(shards=2, driver=driver), waiting_places(urls, None)).spec.assignment.broker
        assert place is not None
        assert (place.url, place.backend) == (url, url)
    with pytest.raises(
        UsageError, match=r"the run has 2 brokers of the kind redis, this driver 1\. Start it with --broker"
    ):
        accepted(order(shards=2), OURS)


def test_a_driver_knows_one_broker_of_each_kind_or_several_of_one() -> None:
    """Results of RabbitMQ are kept where runs keep them: in its Redis, unless it was told otherwise."""
    redis, amqp = broker_url("redis://here/0"), broker_url("amqp://guest@there//")
    both = waiting_places([redis, amqp], None)
    assert {name: [place.backend for place in places] for name, places in both.items()} == {
        "redis": [redis],
        "rabbitmq": [redis],
    }
    assert waiting_places([amqp], None)["rabbitmq"][0].backend == RPC
