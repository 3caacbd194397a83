"""Settings of contenders: their names, what they exclude, and what is ranked against what."""

import pytest

from harness.contenders.contender import contender_of
from harness.contenders.settings.celery import SETTINGS
from harness.contenders.settings.celery_changes import conf_of, env_of
from harness.contenders.settings.celery_setting import CelerySetting
from harness.contenders.settings.setting import ALIAS, known, resolve, written
from harness.errors import UsageError
from harness.plan.contender_spec import parse_contender
from harness.report.report import build
from harness.results.model import Cell, Side
from harness.services.brokers.broker import BrokerPlace, broker_url
from harness.statistics.comparisons import comparisons
from harness.statistics.groups import bases_of, rivals_of, tuned_alone
from tests.builders import cell_of, results_of, summarised, view_of

FIVE = [100.0, 101.0, 99.0, 100.5, 99.5]


def celery(*names: str) -> tuple[CelerySetting, ...]:
    """The settings of those names."""
    return tuple(one for name in names for one in SETTINGS if one.name == name)


@pytest.mark.parametrize("side", ["asyncio", "celery"])
def test_every_setting_says_what_it_is(side: str) -> None:
    """A name that can be written behind a contender's, what it changes, and a price where it can lose work."""
    for name, setting in known(side).items():
        assert name == setting.name
        assert not set(name) & set("+:@ ,")
        assert setting.about
        assert setting.gives_up or not setting.unsafe
        assert set(setting.excludes) <= set(known(side))


@pytest.mark.parametrize("side", ["asyncio", "celery"])
def test_what_tuned_stands_for_can_lose_no_work(side: str) -> None:
    """Each of its settings is known, and none is unsafe."""
    tuned = resolve(side, [ALIAS], "the test")
    assert tuned
    assert not any(setting.unsafe for setting in tuned)


def test_a_contender_is_read_with_its_settings() -> None:
    """In their order; the alias is what it stands for."""
    named = parse_contender("celery-prefork+events+msgpack:4@rabbitmq", "-c")
    assert (named.name, named.settings, named.slots, named.broker) == (
        "celery-prefork",
        ("events", "msgpack"),
        4,
        "rabbitmq",
    )
    assert str(named) == "celery-prefork+events+msgpack:4@rabbitmq"
    assert parse_contender("celery-asyncio+chunk-7:64", "-c").settings == ("chunk-7",)
    assert parse_contender("asyncio+tuned", "-c") == parse_contender("asyncio+uvloop", "-c")
    assert written([]) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("celery-prefork+bach:2", r"^unknown setting of celery 'bach' in -c.*batch"),
        ("asyncio+batch", "^unknown setting of asyncio 'batch' in -c"),
        ("asyncio+uvloop+uvloop", "the setting uvloop is given more than once"),
        ("asyncio+uvloop+eager", "the settings uvloop and eager exclude each other"),
        ("asyncio+eager+uvloop", "the settings eager and uvloop exclude each other"),
        ("celery-prefork+prefetch-1+prefetch-64:2", "exclude each other"),
        ("fake+tuned", "^unknown setting of fake 'tuned' in -c"),
        ("celery-threads+chunk-1", "expected chunk-N with a whole number from 2 to 1000; got 'chunk-1'"),
        ("celery-threads+chunk-1001", "from 2 to 1000; got 'chunk-1001'"),
        ("celery-threads+chunk-x", "from 2 to 1000; got 'chunk-x'"),
        ("celery-threads+chunk", r"^unknown setting of celery 'chunk' in -c.*chunk-16"),
        ("celery-threads+chunk-4+chunk-8", "exclude each other"),
        ("celery-threads+chunk-4+batch", "exclude each other"),
        ("celery-threads+expires-0", "expected expires-N with a whole number from 1"),
        ("asyncio+refuse-5+refuse-6", "exclude each other"),
        ("asyncio+chunk-4", "^unknown setting of asyncio 'chunk-4' in -c"),
        ("asyncio+", "^unknown setting of asyncio '' in -c"),
    ],
)
def test_settings_that_cannot_be_are_told(text: str, says: str) -> None:
    """With the place, what was given, and what comes near."""
    with pytest.raises(UsageError, match=says):
        parse_contender(text, "-c")


def test_what_several_settings_change_is_merged() -> None:
    """Values that are tables are merged; what is the workers' alone is not the client's."""
    both = (
        CelerySetting(name="a", about="", conf={"broker_transport_options": {"x": 1}}, env={"A": "1"}),
        CelerySetting(name="b", about="", conf={"broker_transport_options": {"y": 2}}, worker_conf={"z": 3}),
    )
    assert conf_of(both, worker=False) == {"broker_transport_options": {"x": 1, "y": 2}}
    assert conf_of(both, worker=True) == {"broker_transport_options": {"x": 1, "y": 2}, "z": 3}
    assert env_of(both) == {"A": "1"}


def test_nothing_changes_nothing() -> None:
    """The rung that shows what noise looks like."""
    (nothing,) = celery("nothing")
    assert nothing == CelerySetting(name="nothing", about=nothing.about)


@pytest.mark.parametrize(
    ("name", "amqp"),
    [
        ("batch", "batch: a feature of the Redis transport"),
        ("no-ack-emulation", "no-ack-emulation: a feature of the Redis transport"),
        (
            "unix-socket",
            "no Unix socket: a Redis that the run starts has one, if TMPDIR is a short path",
        ),
        ("max-length-9", None),
        ("acks-late", None),
    ],
)
def test_a_setting_that_another_broker_does_not_know_is_refused(name: str, amqp: str | None) -> None:
    """It would be a row that shows nothing."""
    place = BrokerPlace(broker_url("amqp://h//"), broker_url("redis://h/0"), "")
    assert contender_of("celery-prefork", [name]).cannot("noop", place) == amqp


def test_what_only_whoever_starts_a_worker_can_set() -> None:
    """A batch is the client's own."""
    assert [name for name in known("celery") if not contender_of("celery-solo", [name]).sets_workers] == [
        "batch",
        "lean-producer",
        "usual-producer",
        "nothing",
    ]


def test_a_setting_of_another_side_is_not_had() -> None:
    """Each side has its own file."""
    assert contender_of("celery-prefork", ["batch"]).tuning == celery("batch")
    assert known("fake") == {}


def cell(name: str, *tuning: str) -> Cell:
    """A cell of that contender with five rounds."""
    sides: dict[str, Side] = {"asyncio": "asyncio", "queue-bare": "reference"}
    side = sides.get(name, "celery")
    return summarised(cell_of(name, FIVE, side=side, id=f"{name}{tuning}", tuning=list(tuning)))


def labels(cells: list[Cell]) -> list[str]:
    """Names of cells."""
    return [one.name for one in cells]


def test_a_reference_is_a_rival_only_where_there_is_no_other() -> None:
    """It shows what a figure is made of."""
    base, reference, pool = cell("asyncio"), cell("queue-bare"), cell("celery-threads")
    assert rivals_of([base, reference, pool], base) == [pool]
    assert rivals_of([base, reference], base) == [reference]


def test_tuned_contenders_are_ranked_against_tuned_ones() -> None:
    """As they are against as they are; one row of each stands in the table."""
    group = [
        cell("asyncio", "uvloop"),
        cell("asyncio"),
        cell("celery-prefork"),
        cell("celery-prefork", "batch"),
        cell("celery-threads"),
    ]
    base, tuned = bases_of(group)
    assert (base.name, tuned.name) == ("asyncio", "asyncio+uvloop")
    assert labels(rivals_of(group, base)) == ["celery-prefork", "celery-threads"]
    assert labels(rivals_of(group, tuned)) == ["celery-prefork+batch"]
    assert tuned_alone(group) is None
    found = {(one.base, one.contender) for one in comparisons(group, [view_of()])}
    assert ("asyncio+uvloop:16", "celery-prefork+batch:16") in found
    assert ("asyncio+uvloop:16", "celery-prefork:16") not in found
    assert ("asyncio:16", "celery-prefork+batch:16") in found
    results = results_of(group, comparisons=comparisons(group, [view_of()]))
    subjects = [line.partition(": ")[0] for line in build(results).answer]
    assert subjects == ["sleep, matched slots", "sleep, matched slots, both tuned"]


def test_tuned_against_what_is_not_is_no_contest_of_the_tuned() -> None:
    """It is compared with the base as it is, and with nothing else."""
    group = [cell("asyncio"), cell("asyncio", "uvloop"), cell("celery-prefork")]
    found = [(one.base, one.contender) for one in comparisons(group, [view_of()]) if one.metric == "throughput_per_s"]
    assert found == [("asyncio:16", "asyncio+uvloop:16"), ("asyncio:16", "celery-prefork:16")]


@pytest.mark.parametrize(
    ("group", "side"),
    [
        ([cell("asyncio"), cell("celery-prefork"), cell("celery-prefork", "batch")], "celery"),
        ([cell("asyncio", "uvloop"), cell("celery-prefork")], "asyncio"),
        ([cell("asyncio"), cell("asyncio", "uvloop")], None),
        ([cell("asyncio"), cell("celery-prefork")], None),
    ],
)
def test_a_side_that_is_tuned_alone_is_doubted(group: list[Cell], side: str | None) -> None:
    """Under the table."""
    assert tuned_alone(group) == side
    results = results_of(group, comparisons=comparisons(group, [view_of()]))
    table = next(table for table in build(results).tables if table.key == "results")
    said = [note.text for note in table.notes if note.text.startswith("Doubt, tuned-alone")]
    assert len(said) == (side is not None)
    assert all(f"{side} is tuned" in text for text in said)
