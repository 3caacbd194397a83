"""The contract of a rule that finds spoilers."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from harness import registry
from harness.results.model import Cell, Side, Spoiler, Trial
from harness.spoilers.source import Source


class Seen(NamedTuple):
    """A trial that was measured, and the sources of the job."""

    cell: Cell
    trial: Trial
    sources: Sequence[Source] = ()

    def source(self, side: Side) -> Source | None:
        """That side's function, if its source could be read."""
        return next((source for source in self.sources if source.side == side), None)


class Rule:
    """One way in which a job spoils the comparison: found in its source, seen while it runs, or both."""

    kind: ClassVar[str]
    """As results name it."""

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """What the source shows. `slots`: requests that execute at once."""
        return iter(())

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """What a trial shows."""
        return iter(())


def rules() -> list[Rule]:
    """All rules, by the names of their files."""
    return [registry.load("spoiler", name) for name in registry.names("spoiler")]


def found_in(sources: Sequence[Source], slots: int) -> list[Spoiler]:
    """What the sources of a job show, the same place once for each kind."""
    spoilers = [spoiler for rule in rules() for source in sources for spoiler in rule.found(source, slots)]
    return list({(spoiler.kind, spoiler.side, spoiler.place): spoiler for spoiler in spoilers}.values())


def seen_in(cell: Cell, trial: Trial, sources: Sequence[Source] = ()) -> list[Spoiler]:
    """What a trial of a job shows; nothing where something was killed or overloaded on purpose: that is the cause."""
    if trial.crash is not None or trial.surge is not None:
        return []
    seen = Seen(cell, trial, sources)
    return [spoiler for rule in rules() for spoiler in rule.seen(seen)]
