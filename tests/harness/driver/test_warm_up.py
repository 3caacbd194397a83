"""A window finds built and used what comes with the first requests."""

from pathlib import Path
from typing import Any

import pytest

from harness.contenders.fake import Fake
from harness.machine.clock import NS
from harness.recording.rows import DONE, DUE, EXEC_END, EXEC_START
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive

PLACES = 4


class SlowToBuild(Fake):
    """What its work starts stands only after so many looks at it."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = looks

    def built(self) -> bool:
        """Counts down."""
        self._looks -= 1
        return self._looks < 0


def driven(folder: Path, contender: Fake | None = None, **changes: Any) -> Driven:
    """A trial of 50 ms on four slots."""
    spec = spec_of(folder / "spool", **({"slots": PLACES, "warmup_s": 0.1} | changes))
    return drive(spec, SilentLink(), contender)


def most_at_once(run: Driven) -> int:
    """How many requests were being executed at the same moment, before the window opened."""
    before = run.rows[run.rows[:, EXEC_END] <= run.recording.opened_ns]
    begins, ends = before[:, EXEC_START], before[:, EXEC_END]
    return max(int(((begins <= at) & (ends > at)).sum()) for at in begins.tolist())


@pytest.mark.parametrize("load", ["closed:1", "open:5/s:uniform", "closed:4", "closed:16"])
def test_every_slot_has_served_before_the_window(tmp_path: Path, load: str) -> None:
    """Also where the load itself never fills them."""
    assert most_at_once(driven(tmp_path, load=load)) == PLACES


def test_a_load_that_ends_by_itself_warms_every_slot_too(tmp_path: Path) -> None:
    """With one client a slot, for each at least one request."""
    assert most_at_once(driven(tmp_path, load="burst:8", slots=40)) == 40


def test_no_warm_up_means_no_request_beyond_those_that_are_measured(tmp_path: Path) -> None:
    """As for an origin that is somebody else's."""
    run = driven(tmp_path, load="open:5/s:uniform", warmup_s=0.0, requests=5)
    assert run.recording.issued == 5


def test_the_window_opens_once_all_is_built_and_has_been_used(tmp_path: Path) -> None:
    """A hundred looks, 20 ms apart; then each place serves twice."""
    run = driven(tmp_path, SlowToBuild(100), load="closed:4")
    assert run.recording.at_rest
    built_ns = run.recording.opened_ns - 2 * 50 * NS // 1000
    assert built_ns >= 2 * NS
    used = (run.rows[:, DUE] >= built_ns - NS // 20) & (run.rows[:, DONE] <= run.recording.opened_ns)
    assert used.sum() >= 2 * PLACES


def test_what_is_never_built_is_said(tmp_path: Path) -> None:
    """Measured all the same, after a limit, and not ranked."""
    assert not driven(tmp_path, SlowToBuild(10**9), load="closed:4", timeout_s=1.0).recording.at_rest


@pytest.mark.parametrize(("load", "requests"), [("closed:4", 400), ("open:60/s", 300)])
def test_a_warm_up_of_so_many_requests(tmp_path: Path, load: str, requests: int) -> None:
    """As many have been served when the window opens, at the least."""
    run = driven(tmp_path, load=load, warmup_requests=requests)
    served = int((run.rows[:, DONE] <= run.recording.opened_ns).sum())
    assert requests <= served <= requests + 3 * PLACES
