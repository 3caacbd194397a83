"""What all types of the results document have in common. Pure data."""

from typing import Annotated, Literal

import msgspec

MetricKey = Literal[
    "throughput_per_s",
    "publish_per_s",
    "latency_p50_ms",
    "latency_p99_ms",
    "cpu_s_per_1000",
    "memory_mb",
    "redis_commands",
    "broker_messages",
]
"""What cells, runs and rungs are compared by; what each is: `harness.statistics.metrics`."""
Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval."""
Ratio = Annotated[float, msgspec.Meta(gt=0)]
"""A ratio of two figures; its inverse is one, too."""
Side = Literal["asyncio", "celery", "reference", "fake"]
Matched = Literal["slots", "resources", "layers", "none"]
"""What contenders of a view have in common: their slots, their resources (one process, one thread), or nothing; or, in
the order of the view, that each adds something to the one before it, with the same slots."""
RANKED: frozenset[Matched] = frozenset({"slots", "resources"})
"""Views whose contenders are compared with a base and ranked."""


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all types of the document: an unknown key is an error, never ignored."""


class Doubt(Frozen, frozen=True, kw_only=True):
    """A typed reason not to trust a number, with advice."""

    kind: str
    """The name of this reason, such as `noisy-machine`."""
    text: str
    """What was seen, with its figures."""
    advice: str
    """What to do about it."""
