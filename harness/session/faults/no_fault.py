"""no-fault: nothing happens; what is repeated or lost all the same, is so without any fault."""

from harness.session.faults.fault import Fault, Target


class NoFault(Fault):
    """Copies that a visibility timeout makes of what is still running."""

    summary = "nothing happens: what is executed more than once all the same, as by a short visibility timeout"
    part = "app"
    down_s = 0.0
    back_s = 0.0

    async def strike(self, target: Target) -> None:
        """Do nothing."""


FAULT = NoFault()
