"""A trial that may send only so many requests sends no more, under whatever load, its warm-up included."""

from pathlib import Path

import pytest

from tests.builders import SilentLink, spec_of
from tests.running import drive


@pytest.mark.parametrize("at_most", [2, 3, 7, 20, 60])
@pytest.mark.parametrize("load", ["closed:8", "open:200/s", "burst:100", "drain:100"])
def test_no_more_than_that_are_issued(tmp_path: Path, load: str, at_most: int) -> None:
    """All of them are counted, and the trial comes to its end."""
    spec = spec_of(tmp_path / "spool", load=load, at_most=at_most, slots=16)
    recording = drive(spec, SilentLink()).recording
    assert recording.issued + 1 <= at_most
    assert recording.issued == recording.recorded


def test_a_number_of_requests_ends_at_the_bound_too(tmp_path: Path) -> None:
    """Whichever is less."""
    for requests, at_most, issued in ((30, 1000, 30), (500, 100, 99)):
        spec = spec_of(tmp_path / "spool", requests=requests, duration_s=None, warmup_s=0.0, at_most=at_most)
        recording = drive(spec, SilentLink()).recording
        assert (recording.status, recording.issued) == ("measured", issued)
