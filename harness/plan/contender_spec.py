"""A contender as it is written in a plan and on the command line: `NAME[+SETTING…][:SLOTS][@BROKER]`."""

from typing import NamedTuple

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.settings.setting import written
from harness.errors import UsageError
from harness.results.model import broker_suffix
from harness.services.brokers.broker import DEFAULT
from harness.statistics.units import whole_number

SLOTS_MOST = 100_000


class ContenderSpec(NamedTuple):
    """A contender with its settings, and the slots and the kind of broker that it will have."""

    name: str
    slots: int | None
    broker: str | None
    settings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is written; the default broker is left out."""
        return (
            self.name
            + written(self.settings)
            + ("" if self.slots is None else f":{self.slots}")
            + broker_suffix(self.broker)
        )


def parse_contender(text: str, where: str) -> ContenderSpec:
    """Read it as it is written; raises UsageError."""
    sized, sign, broker = text.partition("@")
    tuned, colon, number = sized.partition(":")
    name, *settings = tuned.split("+")
    registry.check("contender", name, where)
    place = f"{where}: {text!r}"
    contender = contender_of(name, settings, place)
    if sign and not contender.needs_broker:
        raise UsageError(f"{place}: {name} has no broker. Write {sized!r}.")
    if sign:
        registry.check("broker", broker, place)
    slots = contender.slots(_slots(number, name, place) if colon else None, place)
    return ContenderSpec(
        name,
        slots,
        (broker or DEFAULT) if contender.needs_broker else None,
        tuple(setting.name for setting in contender.tuning),
    )


def _slots(text: str, name: str, where: str) -> int:
    slots = whole_number(text, SLOTS_MOST)
    if slots is None:
        raise UsageError(f"{where}: expected slots as a whole number above 0, such as {name}:8.")
    return slots
