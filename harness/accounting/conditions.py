"""Under what a trial was measured: its load, its slots, and what is known of the work by other means."""

import msgspec

from harness.loads.load import Load
from workloads.workload import Allowance, Places


class TrialConditions(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a trial was measured."""

    load: Load
    slots: int | None
    cpus: int
    """Of the machine."""
    cores: float | None = None
    """Of these, what a CPU quota of the session grants; None without one."""
    one_execution: bool = True
    """Whether each request is executed once, and holds a slot meanwhile."""
    several: bool = False
    """Whether the workers do each request in several executions, each of which takes a slot."""
    whole_execution: bool = True
    """Whether the stamps of an execution hold all that a request does: a task of the user's own may replace itself."""
    in_driver: bool = False
    """Whether the work runs in the driver's event loop."""
    ideal_s: float | None = None
    """Seconds that the work takes at the least."""
    at_once: Places | None = None
    """What in the work lets only so many requests through at once."""
    origin_ms: float = 0.0
    """Milliseconds that the origin takes for a request at the least, on average."""
    origin_requests: float | None = None
    """Requests to the origin that a good reply takes at the least."""
    allowance: Allowance | None = None
    """How many requests the service that it calls allows."""
    cpu_s: float = 0.0
    """CPU-seconds that the work takes at the least."""

    @property
    def held_slots(self) -> int | None:
        """Slots of which a request holds one; None where there are none, or a request holds none or several."""
        return self.slots if self.one_execution and not self.several else None
