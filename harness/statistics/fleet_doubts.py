"""Doubts about who executed the work of a trial, where workers run elsewhere: how many slots, on which processors."""

from collections.abc import Iterable

import msgspec

from harness.results.model import Doubt, Trial


def with_slots(trial: Trial, had: int | None, planned: int | None) -> Trial:
    """The trial, with the slots that it had, and the doubt if they are not those of the row."""
    doubts = of_slots(had, planned) if trial.status == "measured" else []
    return msgspec.structs.replace(trial, had_slots=had, doubts=[*trial.doubts, *doubts])


def of_slots(had: int | None, planned: int | None) -> list[Doubt]:
    """The doubt if the workers had other slots than those of the row: some have come, or gone."""
    if had == planned:
        return []
    return [
        Doubt(
            kind="other-slots",
            text=f"measured with {had} slots, because workers came or went; the row is that of {planned}",
            advice="compare trials with the same slots: measure again with workers that stay",
        )
    ]


def of_processors(workers: Iterable[str | None], here: str | None) -> list[Doubt]:
    """The doubt if workers ran on other processors than the rest: what one side gains may be the processor's."""
    others = sorted({model for model in workers if model is not None and model != here})
    if not others or here is None:
        return []
    return [
        Doubt(
            kind="other-processors",
            text=f"workers ran on {', '.join(others)}; the run on {here}",
            advice="compare rows that were executed on the same processors",
        )
    ]
