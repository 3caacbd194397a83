"""The answer in words: which side was faster for each workload, by what factor, at what cost."""

from harness.report.answers import crashes, groups, ladder, layers, profile, sweep, why
from harness.results.model import Results
from harness.statistics.sweeps import is_sweep


def answers(results: Results) -> list[str]:
    """One sentence or two for each workload of each view; for a ladder, what its rungs achieved."""
    sentences: list[str] = []
    for view in results.run.views:
        if view.rung is not None:
            continue
        kind = sweep if is_sweep(results.cells, view) else groups
        sentences += kind.sentences(results, view)
        sentences += layers.sentences(results, view)
    return [
        *sentences,
        *crashes.sentences(results),
        *ladder.sentences(results),
        *why.sentences(results),
        *profile.sentences(results),
    ]
