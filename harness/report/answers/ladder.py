"""A ladder's answer: which rungs made things faster or slower, and which made no difference."""

from collections.abc import Iterator

from harness.results.model import Comparison, Results, View
from harness.statistics.rungs import TOGETHER, decided, direction, effects, in_words

Effects = dict[str, list[Comparison]]
"""Of each rung, by its name."""
NOTHING_TOGETHER = "No two safe changes to the ladder's own base that made it faster can be combined."


def sentences(results: Results) -> Iterator[str]:
    """The rungs by the direction of their effects."""
    rungs = [view for view in results.run.views if view.rung and not view.rung.limit]
    measured = {view.name: effects(results, view) for view in rungs}
    unsafe = {view.name for view in rungs if view.rung and view.rung.unsafe}
    yield from _changed(measured, unsafe, "faster")
    yield from _changed(measured, unsafe, "slower")
    unchanged = {name: of_rung for name, of_rung in measured.items() if of_rung and direction(of_rung) is None}
    no_difference = [name for name, of_rung in unchanged.items() if decided(of_rung)]
    if no_difference:
        yield f"No difference in speed: {', '.join(no_difference)}."
    undecided = [name for name in unchanged if name not in no_difference]
    if undecided:
        yield f"Too few rounds to say: {', '.join(undecided)}."
    if results.run.status == "done" and rungs and not undecided and not _combined(rungs):
        yield NOTHING_TOGETHER


def _changed(measured: Effects, unsafe: set[str], towards: str) -> Iterator[str]:
    descriptions = [
        f"{name}{' (UNSAFE)' if name in unsafe else ''}: {in_words(of_rung)}"
        for name, of_rung in measured.items()
        if direction(of_rung) == towards
    ]
    if descriptions:
        yield f"Made it {towards}: {'. '.join(descriptions)}."


def _combined(rungs: list[View]) -> bool:
    return any(view.name == TOGETHER for view in rungs)
