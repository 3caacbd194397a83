"""How long a run will still take."""

from harness.progress.pace import Pace
from harness.progress.progress import Expected


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.s


def test_the_time_to_go_is_what_was_expected_until_a_trial_is_done() -> None:
    """Then it is what they take; one that is measured again takes time too."""
    clock = Clock()
    pace = Pace(clock)
    clock.s = 100.0  # services have started meanwhile
    pace.expect(Expected(10, 2.0))
    assert pace.to_go() == "20 s to go"
    pace.trial_begins()
    clock.s += 6.0
    pace.trial_ends()
    assert pace.to_go() == "54 s to go"
    pace.trial_begins()
    clock.s += 6.0
    pace.trial_ends(counts=False)
    assert pace.to_go() == "1 min 48 s to go"


def test_long_tasks_are_known_from_the_first_reply_on() -> None:
    """Of 20 s: the window lasts a minute, and warm-up and end take their time; of 1 s: it lasts a dozen of them."""
    clock = Clock()
    pace = Pace(clock)
    pace.expect(Expected(4, 5.0))
    pace.trial_begins()
    assert pace.to_go() == "20 s to go"
    clock.s = 20.0
    assert pace.to_go() == "1 min 00 s to go"  # no reply yet: each takes no less than this one so far
    pace.replies(20.0)
    assert pace.to_go() == "10 min 20 s to go"
    pace.replies(20.0, "burst")  # ends with its requests, and has no window
    assert pace.to_go() == "1 min 00 s to go"
    clock.s = 160.0
    pace.trial_ends()
    pace.trial_begins()
    pace.replies(1.0)
    assert pace.to_go() == "3 min 14 s to go"


def test_trials_that_take_another_time_say_how_much_slower_all_are_by_their_own() -> None:
    """Four of 6 s come first, then four of 2 s: 9 s for the first one is half as long again, not twice as long."""
    clock = Clock()
    pace = Pace(clock)
    pace.expect(Expected(8, 4.0, of_cells={"long": 6.0, "short": 2.0}))
    assert pace.to_go() == "32 s to go"
    pace.trial_begins("long")
    assert pace.to_go() == "32 s to go"
    clock.s = 9.0
    pace.trial_ends("long")
    assert pace.to_go() == "39 s to go"  # 26 s as planned
    for _ in range(3):
        clock.s += 9.0
        pace.trial_ends("long")
    assert pace.to_go() == "12 s to go"


def test_another_number_of_trials_does_not_begin_the_time_anew() -> None:
    """A search finds out as it goes on."""
    clock = Clock()
    pace = Pace(clock)
    pace.expect(Expected(4, 2.0))
    clock.s = 8.0
    for _ in range(4):
        pace.trial_ends()
    pace.expect(Expected(6, 2.0))
    assert pace.to_go() == "4 s to go"
    pace.trial_ends()
    pace.trial_ends()
    clock.s = 12.0
    assert pace.to_go() == "0 s to go"


def test_longer_trials_are_expected_to_take_as_much_longer_than_planned_as_the_short_ones_did() -> None:
    """A search probes first, and confirms by trials that last longer; how much it may take shrinks with each."""
    clock = Clock()
    pace = Pace(clock)
    pace.expect(Expected(6, 1.0, 60.0))
    assert pace.to_go() == "6 s to go, at most 1 min 00 s"
    for _ in range(4):
        pace.trial_ends()
    clock.s = 6.0  # half as long again as planned
    pace.expect(Expected(6, 10.0, 40.0))
    assert pace.to_go() == "30 s to go, at most 1 min 00 s"
    pace.trial_ends()
    clock.s = 21.0
    assert pace.to_go() == "15 s to go, at most 45 s"


def test_where_the_end_is_known_the_time_to_go_is_what_is_left_until_then() -> None:
    """However slow the trials are: it never grows."""
    clock = Clock()
    pace = Pace(clock)
    pace.expect(Expected(10, 2.0, within_s=100.0))
    said = [pace.to_go()]
    for _ in range(3):
        pace.trial_begins()
        clock.s += 30.0
        pace.replies(5.0)
        pace.trial_ends()
        pace.expect(Expected(20, 9.0, within_s=100.0 - clock.s))
        said.append(pace.to_go())
    assert said == [f"at most {text} to go" for text in ("1 min 40 s", "1 min 10 s", "40 s", "10 s")]
    clock.s += 20.0
    assert pace.to_go() == "at most 0 s to go"


def test_a_run_that_is_ended_after_a_time_takes_no_longer() -> None:
    """Whatever its trials show: what is left of --max-time."""
    clock = Clock()
    pace = Pace(clock, limit_s=60.0)
    pace.expect(Expected(10, 2.0))
    assert pace.to_go() == "20 s to go"
    clock.s = 45.0
    pace.trial_ends()
    assert pace.to_go() == "15 s to go"
