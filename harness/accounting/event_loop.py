"""The event loop of work that runs in the driver: how far it was held, and the doubt where it was blocked."""

from typing import NamedTuple

from harness.accounting.bottleneck import EVENT_LOOP, busiest_core
from harness.driver.messages import Recording
from harness.results.model import Doubt, Machine, Usages
from harness.statistics.load_doubts import of_loop

COMPUTED_MOST = 0.5
"""A loop that was held, and used no more than this share of that time to compute, waited in calls that block."""
SHORT_S = 0.002
"""CPU-seconds that a request may take for its callbacks to be called short."""
PILES_MOST = 2.0
"""No round is longer than so many times what a callback of each request under way takes, if all are short."""


class Loop(NamedTuple):
    """What is known of the loop in a window."""

    recording: Recording
    usage: Usages
    per_s: float
    """Requests."""
    at_once: int
    """Requests whose callbacks may come together: clients; of arrivals, the most that were seen under way."""
    machine: Machine | None = None

    @property
    def stolen(self) -> float:
        """Share of the window in which the hypervisor may have kept the loop's core: that is nobody's work."""
        machine = self.machine
        return machine.steal_s / machine.seconds if machine is not None and machine.seconds > 0 else 0.0

    @property
    def others(self) -> float:
        """Share of the machine that others used: for so much of the time, the loop may have waited for them.

        As it does while a command starts, whose parent waits for it to get a core.
        """
        machine = self.machine
        capacity = machine.seconds * machine.cpus if machine is not None else 0.0
        return machine.others_cpu_s / capacity if machine is not None and capacity > 0 else 0.0

    @property
    def waits(self) -> bool:
        """Whether it waited while it was held, rather than computed."""
        return busiest_core(self.usage.driver) <= COMPUTED_MOST * self.busy

    @property
    def blocked(self) -> float:
        """Share in which it was held for long at a time; 0 where it waited, and no longer than others may explain."""
        return self._explained((self.recording.loop_blocked or 0.0) - self.stolen)

    @property
    def held(self) -> float:
        """Share in which it was held at all, likewise."""
        return self._explained(self.busy)

    @property
    def busy(self) -> float:
        """Share in which it was held at all, whoever is the reason."""
        return max(0.0, (self.recording.loop_busy or 0.0) - self.stolen)

    def _explained(self, share: float) -> float:
        return 0.0 if share <= 0 or (share <= self.others and self.waits) else share

    @property
    def piles(self) -> bool:
        """Whether the longest round was one short callback for each of many requests that came together.

        After a standstill, all that came meanwhile does.
        """
        recording = self.recording
        lag = recording.loop_lag
        if lag is None or self.per_s <= 0:
            return False
        longest_ms = lag.max if recording.loop_longest_ms is None else recording.loop_longest_ms
        each_s = busiest_core(self.usage.driver) / self.per_s
        frozen_s = (self.machine.frozen_s or 0.0) if self.machine is not None else 0.0
        together = self.at_once + self.per_s * frozen_s
        return each_s <= SHORT_S and longest_ms / 1000 <= PILES_MOST * together * each_s


def held(loop: Loop) -> float:
    """Share of the window in which nothing else could run: held for long at a time, or by calls that wait.

    Many short callbacks that compute are the driver's core, not this.
    """
    if loop.waits:
        return max(loop.blocked, loop.held)
    return 0.0 if loop.piles else loop.blocked


def doubts_of(loop: Loop, limit: str | None) -> list[Doubt]:
    """Where it was blocked; `limit`: what limited the trial."""
    if limit != EVENT_LOOP and loop.piles:
        return []
    recording = loop.recording
    blocked = None if recording.loop_blocked is None else loop.blocked
    return of_loop(blocked, recording.loop_busy, recording.loop_lag, limit == EVENT_LOOP)
