"""Several brokers as one: what they say together, and which of them is named."""

import pytest

from harness.accounting.usage import usage_between
from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.results.model import ShardUsage
from harness.services.brokers.broker import Observed
from harness.services.causes import Peer
from harness.services.shards import Shards
from tests.harness.session.doubles import BrokerDouble, reading_of


class Part(BrokerDouble):
    """One of them, which has executed some commands."""

    def __init__(self, name: str, did: list[str]) -> None:
        super().__init__(did)
        self.peer = Peer(f"the broker redis://{name}", "Redis")
        self.used = (0.0, 0)
        self.served: dict[str, Reading] = {}

    def readings(self) -> dict[str, Reading]:
        """Of its servers, where they are set."""
        return self.served or super().readings()

    def reading(self) -> Reading:
        """As it was set."""
        self.answer()
        cpu_s, count = self.used
        return reading_of(cpu_s, count=count, at_ns=int(cpu_s * 1e9), cpu_each={"redis": cpu_s}, evicted=count // 100)


@pytest.fixture
def parts() -> list[Part]:
    """Two, which note what is done in one list."""
    did: list[str] = []
    return [Part("a", did), Part("b", did)]


def test_their_usage_is_added_up_and_each_is_kept(parts: list[Part]) -> None:
    """The busiest is the one with the most CPU-seconds; keys that one dropped are dropped."""
    shards = Shards(parts)
    before = shards.reading()
    parts[0].used, parts[1].used = (1.0, 700), (3.0, 500)
    after = shards.reading()
    usage = usage_between(before, after)
    assert (usage.cpu_s, usage.busiest_cpu_s) == (4.0, 3.0)
    assert (after.count, after.evicted) == (1200, 12)
    assert usage.shards == [
        ShardUsage(cpu_s=1.0, seconds=1.0, count=700),
        ShardUsage(cpu_s=3.0, seconds=3.0, count=500),
    ]


def test_a_server_that_shards_have_in_common_is_used_once(parts: list[Part]) -> None:
    """Databases of one Redis, or a Redis that keeps the results of several RabbitMQs: each reads all of its usage."""
    same = reading_of(2.0, count=10)
    for number, part in enumerate(parts):
        part.served = {"results": same, f"rabbit {number}": reading_of(1.0, count=1)}
    reading = Shards(parts).reading()
    assert (reading.cpu_s, reading.count) == (4.0, 12)
    assert [shard.cpu_s for shard in reading.shards] == [3.0, 3.0]


def test_the_one_that_does_not_answer_is_named(parts: list[Part]) -> None:
    """Rather than all of them."""
    parts[1].fails = ServiceError("the broker redis://b could not be reached")
    for call in (Shards(parts).answer, Shards(parts).reading):
        with pytest.raises(ServiceError, match=r"^the broker redis://b could not be reached"):
            call()
    assert Shards(parts).peer.shown == "the broker redis://a and the broker redis://b"


def test_what_is_done_is_done_on_each(parts: list[Part]) -> None:
    """Messages wait on any of them; a queue that one has lost is lost."""
    parts[0].waits, parts[1].waits = [2], [3]
    shards = Shards(parts)
    assert shards.waiting("q") == 5
    shards.remove_queue("q")
    shards.forget_results(7, unclean=True)
    assert parts[0].did == ["queue q removed"] * 2 + ["results of 7 forgotten"] * 2
    parts[0].seen = Observed({"flushall": 1}, is_bound=False, waiting=0, evicted=2, refused=1)
    parts[1].seen = Observed({"flushall": 1, "del": 2}, is_bound=True, waiting=4, evicted=3)
    assert shards.observed("q") == Observed({"flushall": 2, "del": 2}, is_bound=False, waiting=4, evicted=5, refused=1)
    parts[1].ended = "the run's own Redis has ended"
    assert shards.gone() == parts[1].ended
