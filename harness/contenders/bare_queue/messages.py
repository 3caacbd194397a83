"""What goes through the two lists, as JSON."""

from typing import Any

import msgspec

from harness.contenders.queues.messages import Ran
from workloads.workload import Payload


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A request."""

    id: str
    """`TRIAL.NUMBER`."""
    workload: str
    payload: Payload
    resources: dict[str, Any]
    """What the coroutine's `resources` are opened with."""
    replies: str
    """Key of the list for the reply."""


class Replied(msgspec.Struct, frozen=True, array_like=True):
    """What came of it."""

    id: str
    ran: Ran
