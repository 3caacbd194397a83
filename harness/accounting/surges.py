"""What a surge costs in memory: every role's, before it and at its end, when most waits."""

import msgspec

from harness.accounting.usage import RoleReadings
from harness.driver.messages import Recording
from harness.loads.surge import ENDED, USUAL_RATE
from harness.results.model import Surge


def with_memory(surge: Surge, recording: Recording, readings: RoleReadings) -> Surge:
    """The same, with what was read at those moments."""

    def at(name: str) -> dict[str, float]:
        driver = {"driver": recording.memory_mb[name]} if name in recording.memory_mb else {}
        return driver | {role: mb for role, mb in readings.memory_mb.get(name, {}).items() if role != "origin"}

    return msgspec.structs.replace(surge, memory_before_mb=at(USUAL_RATE), memory_peak_mb=at(ENDED))
