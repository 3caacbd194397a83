"""What all tests share: how hypothesis runs, and what a test gets in hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive

# The same examples at every run, as long as each may take: a test must not fail because a machine is busy.
settings.register_profile("workbench", deadline=None, derandomize=True, database=None)
settings.load_profile("workbench")


@pytest.fixture
def driven(tmp_path: Path) -> Callable[..., Driven]:
    """Run one trial of the `fake` contender in this process, in virtual time."""

    def run(**changes: Any) -> Driven:
        contender = changes.pop("contender", None)
        link = changes.pop("link", None)
        assert link is None or isinstance(link, SilentLink)
        return drive(spec_of(tmp_path / "spool", **changes), link or SilentLink(), contender)

    return run
