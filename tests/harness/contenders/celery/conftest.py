"""Workers that somebody else has started."""

import pytest

from tests.harness.contenders.celery.fleet.doubles import Bus, answer


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Two prefork workers and one with threads."""
    return Bus({"b@2": answer(2), "a@1": answer(4), "t@1": answer(8, "threads")}).on(monkeypatch)
