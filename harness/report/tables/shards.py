"""Where several brokers of one kind shared a contender's requests: how busy each was, and what it executed."""

from collections.abc import Iterable, Sequence

from harness.report.table import Note
from harness.results.model import Cell, ShardUsage
from harness.statistics.units import percent


def notes(cells: Sequence[Cell]) -> Iterable[Note]:
    """A line for each contender; over the trials that count."""
    for cell in cells:
        used = [trial.usage.broker.shards for trial in cell.counted if trial.usage.broker is not None]
        known = [shards for shards in used if shards]
        if known:
            each = "; ".join(f"shard {number} {_said(of)}" for number, of in enumerate(zip(*known, strict=False), 1))
            yield Note(f"{cell.label}: {len(known[0])} brokers share the requests: {each}.")


def _said(trials: Sequence[ShardUsage]) -> str:
    """How busy it kept its core, and how much it did in a second: it may have counted nothing."""
    seconds = sum(shard.seconds for shard in trials)
    counts = [shard.count for shard in trials if shard.count is not None]
    busy = f"{percent(sum(shard.cpu_s for shard in trials) / seconds, 1)} of a core" if seconds > 0 else "not read"
    counted = len(counts) == len(trials) and seconds > 0
    return f"{busy}, {sum(counts) / seconds:,.0f} commands or messages/s" if counted else busy
