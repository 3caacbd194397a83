"""The limit of open files."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource
from harness.machine.open_files import raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(raise_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("soft", "hard", "then"), [(256, 512, 512), (512, 512, 512), (300, 100_000, 65_536)])
def test_it_is_raised_as_far_as_it_may(soft: int, hard: int, then: int) -> None:
    """To the hard limit, or to a number that no program minds."""
    program = PROGRAM.format(soft=soft, hard=hard)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if "ValueError" in ended.stderr:
        pytest.skip("this user's hard limit is lower")
    assert ended.stdout.split() == [str(then)] * 2
