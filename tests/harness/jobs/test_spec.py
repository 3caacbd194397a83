"""What one process says of a job arrives in the other as it was."""

import math

from harness.jobs.spec import Called, Facts, JobSpec, Looked, OwnJob, read, written


def test_replies_arrive_as_they_were() -> None:
    """Those too that strict JSON has no form for."""
    looked = read(written(Looked(called=[Called(number=0, reply=[math.inf, 2**70, "\ud800"])])), Looked)
    assert looked.called[0].reply == [math.inf, 2**70, "\ud800"]


def test_expected_replies_keep_their_numbers() -> None:
    """NaN stays NaN, so that the same reply is no difference."""
    job = OwnJob(spec=JobSpec(given="job.py"), facts=Facts(name="job"), expected={17: {"v": math.nan}})
    (again,) = read(written([job]), list[OwnJob])
    assert math.isnan(again.expected[17]["v"])
