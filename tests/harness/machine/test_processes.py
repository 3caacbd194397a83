"""How a process has ended, in words."""

import pytest

from harness.machine.processes import ending


@pytest.mark.parametrize(
    ("code", "said"),
    [(0, "exit status 0"), (70, "exit status 70"), (-9, "killed by SIGKILL"), (-40, "killed by signal 40")],
)
def test_every_code_has_words(code: int, said: str) -> None:
    """Signals for real-time use have numbers alone."""
    assert ending(code) == said
