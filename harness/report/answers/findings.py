"""Sentences that no row of an overview has: crossovers, highest rates, what limits a row, where CPU goes."""

from harness.report.answers import groups, profile, sweep, why
from harness.results.model import Results
from harness.statistics.sweeps import is_sweep


def sentences(results: Results) -> list[str]:
    """In the order of the run's views."""
    found: list[str] = []
    for view in results.run.views:
        if view.rung is None and is_sweep(results.cells, view):
            found += sweep.sentences(results, view)
        elif view.rung is None:
            found += groups.searched(results, view)
    return [*found, *why.sentences(results), *profile.sentences(results)]
