"""What `doctor` finds without starting anything."""

import pytest

from harness.cli import findings, measuring
from harness.cli.run_options import RunOptions
from harness.contenders.sides import declaration
from harness.errors import ServiceError
from harness.machine import kernel
from harness.plan.plan import Plan
from harness.schedule.schedule import FixedRounds


def test_what_is_not_installed_is_named_with_what_needs_it_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contender or a workload; no run fails for it."""
    absent = {"gevent", "streaq", "aiolimiter"}
    monkeypatch.setattr(declaration, "find_spec", lambda name: None if name in absent else name)
    found = {finding.advice: finding for finding in findings.not_measured()}
    assert found["gevent not installed: pip install gevent"].text == "celery-gevent"
    assert found["aiolimiter not installed: pip install 'celery-or-asyncio-workbench[limits]'"].text == "rate_limited"
    assert found["streaq not installed: pip install 'celery-or-asyncio-workbench[queues]'"].text == "streaq"
    assert {finding.state for finding in found.values()} == {"ok"}


def test_the_version_of_what_is_not_installed_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a traceback."""
    monkeypatch.setattr(findings, "SHOWN", ("celery", "no-such-distribution"))
    assert "no-such-distribution (not installed)" in findings.packages().text


def test_what_stands_in_for_linux_is_named_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what changes no figure; on Linux there is nothing to name."""
    monkeypatch.setattr(kernel, "lacking", lambda: ["timerfd", "files in memory"])
    (finding,) = findings.lacking()
    assert finding.state == "warning"
    assert "timerfd (requests start by the event loop" in finding.text
    assert "files in memory (temporary files without a name)" in finding.text
    monkeypatch.setattr(kernel, "lacking", list)
    assert findings.lacking() == []


def test_where_no_run_is_possible_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3, which is also what `doctor` says."""
    monkeypatch.setattr(kernel, "no_run", lambda: "no run here")
    assert findings.python() == findings.Finding("missing", "system", "no run here")
    with pytest.raises(ServiceError, match="no run here"):
        measuring.measure(RunOptions(), Plan(view=[]), FixedRounds(), "a test")
