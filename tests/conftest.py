"""What all tests share: how hypothesis runs, and what a test gets in hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from harness.services.servers.postgres import find_binaries
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive, missing

# The same examples at every run, as long as each may take: a test must not fail because a machine is busy.
settings.register_profile("workbench", deadline=None, derandomize=True, database=None)
settings.load_profile("workbench")

SHARING = ("tests/browser/", "tests/cli/test_rabbitmq.py", "tests/cli/test_run.py", "tests/compose/", "tests/contract/")
"""Folders and modules whose tests share what takes long to start: one process runs all of each."""


class ByServices(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist has no types
    """Hands those out as a whole, the largest first, and all other tests one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in SHARING if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServices:
    """What `pytest -n 2` schedules by; `--dist loadgroup` of pytest-xdist 3.8 groups nothing under pytest 9.2."""
    return ByServices(config, log)


@pytest.fixture
def driven(tmp_path: Path) -> Callable[..., Driven]:
    """Run one trial of the `fake` contender in this process, in virtual time."""

    def run(**changes: Any) -> Driven:
        contender = changes.pop("contender", None)
        link = changes.pop("link", None)
        assert link is None or isinstance(link, SilentLink)
        return drive(spec_of(tmp_path / "spool", **changes), link or SilentLink(), contender)

    return run


@pytest.fixture
def postgres_server() -> None:
    """A PostgreSQL server can be started here."""
    if find_binaries() is None:
        missing("no PostgreSQL: no initdb on PATH, in /usr/lib/postgresql or in a wheel")
