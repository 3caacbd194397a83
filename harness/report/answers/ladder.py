"""A ladder's answer: which rungs made things faster or slower, and which made no difference."""

from collections.abc import Iterator

from harness.report.answers.figures import carried
from harness.report.wording import interval_of, inverse
from harness.results.model import Comparison, Results, View
from harness.statistics.metrics import BY_KEY
from harness.statistics.rungs import TOGETHER, TOO_FEW, direction, effects, in_words, speeds, unchanged
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED

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
    without = {name: of_rung for name, of_rung in measured.items() if of_rung and direction(of_rung) is None}
    called = {name: unchanged(speeds(of_rung) or of_rung) for name, of_rung in without.items()}
    same = [name for name, verdict in called.items() if verdict == NO_DIFFERENCE]
    if same:
        yield f"No difference in speed: {', '.join(same)}."
    undecided = [f"{name} ({_seen(without[name])})" for name, verdict in called.items() if verdict == UNDECIDED]
    if undecided:
        yield f"Undecided in speed: {', '.join(undecided)}."
    too_few = [name for name, verdict in called.items() if verdict == TOO_FEW]
    if too_few:
        yield f"Too few rounds or boots to say: {', '.join(too_few)}."
    names = {view.name for view in rungs}
    if doubts := carried([cell for cell in results.cells if names & set(cell.views)]):
        yield f"The ladder:{doubts}"
    if results.run.status == "done" and rungs and not too_few and not _combined(rungs):
        yield NOTHING_TOGETHER


def _seen(of_rung: list[Comparison]) -> str:
    """The ratio and the interval of each speed that is undecided."""
    undecided = [effect for effect in speeds(of_rung) or of_rung if effect.verdict == UNDECIDED]
    return "; ".join(f"{BY_KEY[effect.metric].told(effect.ratio)}{_interval(effect)}" for effect in undecided)


def _interval(effect: Comparison) -> str:
    """That of the ratio as it is told, from the side of the larger one."""
    if effect.ci95 is None:
        return ""
    return f", {interval_of(effect.ci95 if effect.ratio >= 1 else inverse(effect.ci95))}"


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
