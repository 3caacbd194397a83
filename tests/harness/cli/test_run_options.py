"""The options of `workbench run` and `workbench ladder`."""

import dataclasses
import inspect
import sys

import pytest

from harness.cli.ladder import LadderOptions
from harness.cli.run_options import RunOptions
from harness.errors import UsageError
from harness.plan.asked import Asked
from harness.plan.making import make_plan


def test_everything_that_a_plan_can_be_asked_is_an_option_with_the_same_default() -> None:
    """A field that is only inherited would be no option at all."""
    defaults = {field.name: (field.default, field.default_factory) for field in dataclasses.fields(RunOptions)}
    for field in dataclasses.fields(Asked):
        assert field.name in inspect.get_annotations(RunOptions)
        assert defaults[field.name] == (field.default, field.default_factory)


def test_a_ladder_is_run_with_the_defaults_of_a_run() -> None:
    """Except for what it is asked."""
    options = LadderOptions(plan="celery", rounds_each=3)
    assert dataclasses.asdict(options) == dataclasses.asdict(RunOptions(plan="celery")) | {"rounds_each": 3}
    with pytest.raises(TypeError, match="plan"):
        LadderOptions()  # type: ignore[call-arg]


def test_a_time_to_wait_for_workers_that_wait_is_refused_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not if the environment alone gives it: that may be meant for other runs."""
    options = RunOptions(wait="5min")
    monkeypatch.setattr(sys, "argv", ["workbench", "run"])
    assert make_plan(options)
    monkeypatch.setattr(sys, "argv", ["workbench", "run", "--wait=5min"])
    with pytest.raises(UsageError, match="--wait: only workers that wait are leased: add --workers external"):
        make_plan(options)
