"""Replay: requests are due when a file says; what is wrong in it is named with its line; a driver gets times alone."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.queueing import kiefer_wolfowitz
from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.loads.replay import Replay
from harness.loads.shared import arrivals
from harness.machine.clock import NS
from harness.recording.rows import DUE, EXEC_START
from tests.harness.loads.conftest import SLOTS, Run, kinds

SERVICE_NS = NS // 20


def written(tmp_path: Path, text: str, name: str = "requests.csv") -> str:
    """A file with that text."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


def load_of(path: str, speed: str = "") -> Replay:
    """The load of that file."""
    load = parse_load(f"replay:{path}{speed}", "--load")
    assert isinstance(load, Replay)
    return load


def peaks(seconds: float = 20.0) -> list[float]:
    """Arrivals of 60/s on average against 80/s of four slots: every fifth second has more than can be served."""
    times: list[float] = []
    for second in range(int(seconds)):
        per_s = 140 if second % 5 == 2 else 40
        times += [second + number**1.3 / per_s**1.3 for number in range(per_s)]
    return times


@pytest.mark.parametrize(
    ("text", "gaps_ms"),
    [
        ("0\n0.5\n\n2\n", [500, 1500]),
        ("1764158400.000,GET /\n1764158400.250,GET /\n1764158401.5,POST /\n", [250, 1250]),
        ("path,Time\n/,2026-11-26T12:00:00Z\n/,2026-11-26T13:00:01.5+01:00\n", [1500]),
        ('timestamp,"a, b"\n2026-11-26 12:00:00,"x\ny"\n2026-11-26 12:00:02,z\n', [2000]),
        ('{"ts": 5, "user": {"id": 1}}\n{"ts": "5.25"}\n{"ts": 6.25}\n', [250, 1000]),
        ('\ufeff{"time": "2026-11-26T12:00:00"}\n{"time": "2026-11-26T12:00:03"}\n', [3000]),
        ("7\n7\n7\n8\n", [0, 0, 1000]),
        ("\n\nat,path\r\n1,/\r\n2,/\r\n", [1000]),
        ('{"ts": 1, "body": "a\u2028b"}\n{"ts": 2, "body": "\x85"}\n', [1000]),
    ],
)
def test_timestamps_in_every_form(tmp_path: Path, text: str, gaps_ms: list[int]) -> None:
    """CSV with and without a heading, JSON lines; seconds and ISO 8601; twice as fast, half as long."""
    path = written(tmp_path, text)
    assert load_of(path).gaps_us() == [1000 * gap for gap in gaps_ms]
    assert load_of(path, "*0.5").gaps_us() == [2000 * gap for gap in gaps_ms]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "", "expected two arrivals or more, one a line; got none"),
        ("5\n", "", "expected two arrivals or more, one a line; got 1"),
        ("time\n", "", "got none"),
        ("0\n2\n1\n", ", line 3", "earlier than line 2. Sort the file"),
        ("0\n\n2\nsoon\n", ", line 4", "expected a timestamp, in seconds or as ISO 8601"),
        ("when,what\n0,x\n1,y\n", ", line 1", "A heading names the column of timestamps: timestamp, time"),
        ("-1\n0\n2\n", ", line 1", "expected seconds of 0 or more; got -1"),
        ("0\nnan\n", ", line 2", "got 'nan'"),
        ('{"ts": 0}\n{"ts": 1' + 400 * "0" + "}\n", ", line 2", "expected a timestamp, in seconds"),
        ("0\n1e999\n", ", line 2", "got 'inf'"),
        ("0\n2026-11-26T12:00:00Z\n", ", line 2", "a date with a time zone, but line 1 has a number of seconds"),
        ("2026-11-26T12:00:00\n2026-11-26T12:00:09Z\n", ", line 2", "but line 1 has a date without a time zone"),
        ("1764158400000\n1764158401000\n", ", line 1", "look like milliseconds. Divide them by 1000"),
        ("0\n1\n90000\n", ", line 3", "1499 min 59 s after line 2"),
        ("0\n0.4\n", "", "within 0.4 s; expected from 1 s to 86400 s"),
        ("a,time\n1,0\n2\n", ", line 3", "it has no column 2"),
        ('{"ts": 1}\n{"ts": 2\n', ", line 2", "it is no JSON"),
        ('{"ts": 1}\n{"at": true}\n', ", line 2", "got 'True'"),
        ('{"begin": 1}\n{"begin": 3}\n', ", line 1", "expected a timestamp under one of the keys timestamp, time"),
        ('{"ts": ' + "[" * 50_000, ", line 1", "it is no JSON"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, text: str, place: str, said: str) -> None:
    """Before anything starts."""
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        load_of(path).prepare("view 'mine'")
    assert str(raised.value).startswith(f"view 'mine': {path}{place}: ")
    assert said in str(raised.value)


def test_what_is_no_file_of_arrivals_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, a folder, a FIFO, not UTF-8, too large, too many."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "binary").write_bytes(b"0\n\xff\n")
    monkeypatch.setattr(arrivals, "BYTES_MOST", 2**20)
    (tmp_path / "large").write_bytes(b" " * (2**20 + 1))
    monkeypatch.setattr(arrivals, "ARRIVALS_MOST", 3)
    written(tmp_path, "0\n1\n2\n3\n", "many")
    for name, said in {
        "missing": "it cannot be read: No such file or directory",
        ".": "expected a file of arrivals; this is none",
        "fifo": "expected a file of arrivals; this is none",
        "binary": "expected UTF-8; byte 2 is none",
        "large": "expected at most 1 MB",
        "many": "line 4: more than 3 arrivals",
        "nul\0": "it cannot be read",
    }.items():
        with pytest.raises(UsageError, match=said):
            load_of(str(tmp_path / name)).prepare("--load")


@pytest.mark.parametrize("text", ["replay:", "replay:*2", "replay:a.csv*0", "replay:a.csv*fast", "replay:a.csv*1e9"])
def test_it_needs_a_file_and_a_speed(text: str) -> None:
    """With an example."""
    with pytest.raises(UsageError, match=r"expected replay:FILE\[\*SPEED\].*such as replay:requests.csv"):
        parse_load(text, "--load")


def test_reading_its_text_opens_no_file() -> None:
    """So that no message can have one opened: only a plan has it read."""
    assert parse_load("replay:/nowhere/a*b.csv*60", "--load").text == "replay:/nowhere/a*b.csv*60"
    assert parse_load("replay:/nowhere/a.csv", "--load").text == "replay:/nowhere/a.csv"


def test_it_says_what_it_is_made_of(tmp_path: Path) -> None:
    """The number of arrivals, their rate as replayed, and the file by its hash."""
    path = written(tmp_path, "0\n1\n4\n")
    described = load_of(path, "*2").describe()
    assert (described.requests, described.lasts_s, described.rate_per_s, described.speed) == (3, 2.0, 1.5, 2.0)
    assert described.file_sha256 == hashlib.sha256(b"0\n1\n4\n").hexdigest()
    assert load_of(path).at_most(9) == 3
    assert load_of(path).share(0, 2) is None


def replayed(run: Run, tmp_path: Path, times: list[float], speed: str = "", **changes: Any) -> Any:
    """A trial of those arrivals on four slots of 50 ms."""
    load = load_of(written(tmp_path, "".join(f"{at:.6f}\n" for at in times)), speed)
    return run(load.text, gaps_us=load.gaps_us(), **changes)


@pytest.mark.parametrize("speed", [1.0, 1.2])
def test_each_wait_is_that_of_the_queue_recursion(run: Run, tmp_path: Path, speed: float) -> None:
    """Due when the file says, and served as Kiefer and Wolfowitz say: to the nanosecond, in virtual time."""
    times = peaks()
    driven, figures = replayed(run, tmp_path, times, f"*{speed:g}")
    rows = driven.rows[driven.rows[:, DUE].argsort(kind="stable")]
    due_ns = (rows[:, DUE] - rows[0, DUE]).tolist()
    assert due_ns == pytest.approx([1e9 * (at - times[0]) / speed for at in times], abs=2000)
    waits = (rows[:, EXEC_START] - rows[:, DUE]).tolist()
    assert waits == kiefer_wolfowitz(due_ns, SERVICE_NS, SLOTS)
    assert max(waits) > 10 * SERVICE_NS
    assert driven.fold.counts.ok == driven.fold.counts.submitted == len(times)
    assert figures.sustained_per_s == pytest.approx(speed * len(times) / 20.0, rel=0.03)
    assert kinds(figures) == []


def test_more_than_can_be_served_is_said(run: Run, tmp_path: Path) -> None:
    """As in an open load; all that came is waited for, and its latency runs from when it was due."""
    driven, figures = replayed(run, tmp_path, [number / 100 for number in range(1000)])
    assert kinds(figures) == ["unsustainable"]
    assert figures.sustained_per_s == pytest.approx(80.0, rel=0.03)
    assert driven.fold.counts.ok == 1000
    assert driven.fold.latency("latency").max == pytest.approx(2550.0, rel=0.03)
