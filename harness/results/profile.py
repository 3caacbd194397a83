"""Where a trial's CPU went, by stacks that were sampled while it ran."""

from harness.results.base import Frozen

VIEW = "profiled"
"""The view of the cells that are measured once more while their stacks are sampled: never ranked, never a base."""


class RoleProfile(Frozen, frozen=True, kw_only=True):
    """The samples of one role's processes, each worth the CPU that its thread used, divided by the thread's samples."""

    processes: int
    samples: int
    """Of threads that were running, or waited for a core."""
    cpu_s: float
    """CPU-seconds of all of its threads while they were sampled, by the kernel's clocks."""
    waiting_s: float | None
    """How long these threads waited for a core, added up; null where the kernel does not say."""
    packages: dict[str, float]
    """Package of the innermost function → its share of `cpu_s`, from 0 to 1, the largest first."""


class Profile(Frozen, frozen=True, kw_only=True):
    """What the samplers of a trial saw; a role that is missing in `roles` is in `missing`."""

    sampler: str
    """Its name and version."""
    period_ms: float
    """Time between two samples of a process."""
    seconds: float
    """For how long it was sampled, within the measured window."""
    file: str
    """The folded stacks in the run's folder: a line a stack, with its samples; empty if there are none."""
    roles: dict[str, RoleProfile]
    """`driver` and `workers`."""
    missing: dict[str, str]
    """Role → why it has no samples."""
    stacks: list[tuple[str, float]]
    """The stacks that took most: role and functions, outermost first, with a semicolon between them → share of the
    CPU of all roles. Rarer ones are cut to what they have in common with others."""
