"""The journal of a run."""

from pathlib import Path

from harness.progress.journal import (
    Event,
    Journal,
    Noted,
    RateSeen,
    RunEnds,
    StepBegins,
    TimeToGo,
    TrialBegins,
    TrialEnds,
    TrialsExpected,
    WindowSeen,
    decode,
)
from harness.progress.progress import Expected, Quiet, Tee
from harness.recording.spool import RECENT, Recorder
from tests.builders import cell_of, trial_of


def written(path: Path) -> list[Event]:
    """Every line, in its type."""
    return [decode(line) for line in path.read_bytes().splitlines()]


def events(path: Path) -> list[Event]:
    """Those that depend on no clock."""
    return [event for event in written(path) if not isinstance(event, TimeToGo)]


def write_whole_run(journal: Journal) -> None:
    """A run of one trial."""
    cell = cell_of("asyncio")
    journal.step("starting")
    journal.note("it may take long")
    journal.expect(Expected(1, 2.5, 40.0))
    journal.trial_begins(cell, 1)
    journal.window(cell, "opened")
    journal.current(cell, 99.5, None)
    journal.trial_ends(cell, trial_of(1, 100.0))
    journal.end()


def test_every_step_of_a_run_is_a_line(tmp_path: Path) -> None:
    """Typed, with what a watcher shows."""
    path = tmp_path / "progress.jsonl"
    write_whole_run(Journal(path))
    step, note, begin, begins, opened, current, ends, end = events(path)
    assert (step, note, begin) == (StepBegins("starting"), Noted("it may take long"), TrialsExpected(1, 2.5, 40.0))
    assert end == RunEnds()
    assert begins == TrialBegins(1, "asyncio", "sleep", "asyncio:16", "closed:32")
    assert opened == WindowSeen("asyncio", "opened")
    assert current == RateSeen("asyncio", 99.5, None)
    assert isinstance(ends, TrialEnds)
    assert (ends.per_s, ends.p50_ms, ends.ok, ends.status) == (100.0, 10.0, 100, "measured")


def test_how_long_it_takes_is_learned_and_said_where_it_changes(tmp_path: Path) -> None:
    """Tasks of 20 s are known by the first reply, on the page as on the terminal."""
    path = tmp_path / "progress.jsonl"
    journal, cell = Journal(path), cell_of("asyncio")
    journal.step("starting")
    journal.expect(Expected(2, 5.0))
    journal.trial_begins(cell, 1)
    journal.current(cell, 0.0, None)
    journal.current(cell, 0.1, 20_000.0)
    journal.end()
    said = [event.text for event in written(path) if isinstance(event, TimeToGo)]
    assert said[0] == "10 s to go"
    assert said[-1].startswith("5 min ")
    assert len(said) == len(set(said))


def test_a_run_that_never_began_leaves_nothing(tmp_path: Path) -> None:
    """The folder may be another run's; and a folder that cannot be written does not end a run."""
    path = tmp_path / "progress.jsonl"
    Journal(path).end()
    assert not path.exists()
    write_whole_run(Journal(tmp_path / "missing" / "progress.jsonl"))
    assert not (tmp_path / "missing").exists()


def test_several_are_told_the_same(tmp_path: Path) -> None:
    """In order; the terminal and the journal, say."""
    paths = [tmp_path / "a", tmp_path / "b"]
    both = Tee(*(Journal(path) for path in paths), Quiet())
    write_whole_run(both)  # type: ignore[arg-type]  # it takes the same calls
    assert events(paths[0]) == events(paths[1])
    assert len(events(paths[0])) == 8


def test_the_recent_latency_is_of_the_last_good_replies(tmp_path: Path) -> None:
    """The middle one, in ms; None where none are buffered."""
    recorder = Recorder(tmp_path / "spool")
    assert recorder.recent_ms() is None
    recorder.record((0, 0, 0, 0, 0, 0, 9_000_000_000, 0))
    for number in range(RECENT):
        recorder.record((number, 1_000_000, 0, 0, 0, 0, (2 + number % 3) * 1_000_000, 0))
    recorder.record((99, 0, 0, 0, 0, 0, 5_000_000_000, 2))
    assert recorder.recent_ms() == 2.0
    recorder.flush()
    assert recorder.recent_ms() is None
    recorder.close()


def test_rows_of_a_sweep_are_told_by_what_they_differ_in(tmp_path: Path) -> None:
    """The parameter that was changed; and trials of the floor, which compare nothing."""
    journal = Journal(tmp_path / "progress.jsonl")
    journal.step("starting")
    for params, views in (({"seconds": 0.2, "draw": "fixed"}, ["a"]), ({"seconds": 0.05}, ["floor"])):
        journal.trial_ends(cell_of("asyncio", params=params, views=views), trial_of(1, 100.0))
    journal.end()
    ended = [event for event in events(tmp_path / "progress.jsonl") if isinstance(event, TrialEnds)]
    assert [(event.workload, event.floor) for event in ended] == [("sleep (seconds=0.2)", False), ("sleep", True)]
