"""A series of cases: what is printed, what is kept, and that an interrupt closes what the cases run on."""

import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from chaos.series import Ended, series

HELD = Ended("case 1: a", "as promised", "as promised: exit 0", [], "again 1")
BROKEN = Ended("case 2: b", "with findings", "with findings: exit 1", ["it hangs\nfor ever", "a file"], "again 2")


class Cases:
    """These, one after the other, and then an interrupt."""

    def __init__(self, *ended: Ended) -> None:
        self.place = Path()
        self.closed = False
        self._ended = ended

    def __call__(self, place: Path) -> Generator[Ended]:
        """Whatever they run on is closed at the end."""
        self.place = place
        try:
            yield from self._ended
            signal.raise_signal(signal.SIGTERM)
        finally:
            self.closed = True


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Cases], int]]:
    """A series in a folder of the test's own; signals are pytest's again afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield lambda cases: series("test", 7, cases)
    for number, handler in before.items():
        signal.signal(number, handler)


def test_what_did_not_hold_is_printed_with_its_command_and_kept(
    run: Callable[[Cases], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, also where it was interrupted after that."""
    cases = Cases(HELD, BROKEN)
    assert run(cases) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "   1 case 1: a: as promised: exit 0",
        "   2 case 2: b: with findings: exit 1",
        "       it hangs",
        "for ever",
        "       a file",
        "1 as promised, 1 with findings (seed 7)",
        "again 2: it hangs",
        f"What the runs left is in {cases.place}.",
    ]
    assert err == "interrupted\n"
    assert (cases.closed, cases.place.is_dir()) == (True, True)


def test_nothing_is_kept_where_everything_held(run: Callable[[Cases], int], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0."""
    cases = Cases(HELD)
    assert run(cases) == 0
    assert capsys.readouterr().out.endswith("\n1 as promised (seed 7)\n")
    assert (cases.closed, cases.place.exists()) == (True, False)
