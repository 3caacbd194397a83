"""What a trial's drivers recorded together: each folds its own rows, and the parts add up exactly."""

import asyncio
from collections.abc import Sequence

from harness.driver.messages import Recording
from harness.errors import ServiceError
from harness.recording.fold_terms import EDGE, FoldTerms
from harness.recording.folded import Folded, together
from harness.session.driver_spec import TrialWork
from harness.session.following import Driver


def terms_of(work: TrialWork, recording: Recording) -> FoldTerms:
    """For all drivers alike; `recording`: that of all of them, whose window was open in each."""
    edge = min(work.plan.slots or 0, EDGE) if work.plan.has_backlog else 0
    return FoldTerms(
        recording.opened_ns, recording.closed_ns, recording.clocks_comparable, stamped=not work.several, edge=edge
    )


async def fold_all(
    drivers: Sequence[Driver], recordings: Sequence[Recording], terms: FoldTerms, *, rows: bool
) -> Folded:
    """Have all fold at once; `rows`: whether their rows are to lie here. Raises ServiceError that names the driver."""
    folding = (
        driver.folded(terms, recording.issued, rows=rows) for driver, recording in zip(drivers, recordings, strict=True)
    )
    parts = await asyncio.gather(*folding, return_exceptions=True)
    for number, (driver, part) in enumerate(zip(drivers, parts, strict=True), start=1):
        if isinstance(part, ServiceError):
            where = f" ({driver.at.name})" if driver.at is not None else ""
            raise ServiceError(f"driver {number} of {len(drivers)}{where}: {part}")
        if isinstance(part, BaseException):
            raise part
    return together([part for part in parts if isinstance(part, Folded)])
