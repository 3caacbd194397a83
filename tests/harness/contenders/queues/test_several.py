"""Several workers as one."""

from typing import Any

import pytest

from harness.contenders.queues.several import SeveralWorkers
from tests.harness.session.doubles import WorkersDouble

FOUR = {"slots": 4, "pool": "prefork"}


class Described(WorkersDouble):
    """Workers that report these settings; none before they are up."""

    def __init__(self, effective: dict[str, Any]) -> None:
        super().__init__()
        self._effective = effective

    def described(self) -> tuple[list[Any], dict[str, Any]]:
        """What they report."""
        return [], self._effective


@pytest.mark.parametrize(
    ("each", "together"),
    [
        ([FOUR, FOUR], FOUR | {"slots": 8}),
        ([FOUR, {}], {"pool": "prefork"}),
        ([{}, FOUR], {"pool": "prefork"}),
        ([{}, {}], {}),
    ],
)
def test_the_slots_of_all_are_known_once_all_are_up(each: list[dict[str, Any]], together: dict[str, Any]) -> None:
    """Until then, that they differ from what was asked for would be no finding."""
    assert SeveralWorkers([Described(effective) for effective in each]).described() == ([], together)
