"""What a fork server imports before it forks drivers, by the names of contenders and workloads alone."""

from collections.abc import Iterable
from typing import NamedTuple

from harness import registry
from harness.contenders.contender import contender_of


class Preload(NamedTuple):
    """The contenders of one side, and the workloads, that a run's drivers may be asked for."""

    contenders: tuple[str, ...]
    workloads: tuple[str, ...]


def preload_of(contenders: Iterable[str], workloads: Iterable[str], where: str) -> Preload:
    """Each name once, in order; raises UsageError for a name that this installation does not have."""
    return Preload(
        tuple(sorted({registry.check("contender", name, where) for name in contenders})),
        tuple(sorted({registry.check("workload", name, where) for name in workloads})),
    )


def modules_of(preload: Preload) -> list[str]:
    """The modules behind those names: the workloads themselves, and what each contender needs for them."""
    shipped = registry.shipped("workload")
    modules = {f"workloads.catalogue.{name}" for name in preload.workloads if name in shipped}
    for name in preload.contenders:
        modules.update(contender_of(name).preload(list(preload.workloads)))
    return sorted(modules)
