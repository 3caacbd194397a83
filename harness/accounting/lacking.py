"""The doubt of a trial on a system that lacks something of Linux: what stood in for it."""

from harness.accounting.usage import RoleReadings
from harness.driver.messages import Recording
from harness.machine.kernel import instead_of, of_whom
from harness.results.model import Doubt


def of_lacking(recording: Recording, readings: RoleReadings) -> list[Doubt]:
    """Of drivers, roles and the session, each of which may run on another system; none in virtual time."""
    if recording.driver is None:
        return []
    lacking = set(of_whom(recording.driver[1].lacking, "driver", "role"))
    for _first, last in readings.pairs.values():
        lacking.update(of_whom(last.lacking, "role"))
    if readings.machine is not None:
        lacking.update(of_whom(readings.machine[1].lacking, "session"))
    if not lacking:
        return []
    return [
        Doubt(
            kind="other-system",
            text=f"measured without {'; '.join(instead_of(lacking))}",
            advice="compare with rows of the same system only, or measure in a container: docker compose up",
        )
    ]
