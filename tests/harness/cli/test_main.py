"""The command line as a whole."""

import subprocess
import sys

import pytest

HEAVY = ("celery", "kombu", "numpy", "rich", "aiohttp", "redis", "psutil", "msgspec", "jinja2")


@pytest.mark.parametrize(
    ("arguments", "more"),
    [(["--help"], ("asyncio", "importlib.metadata")), (["run", "--help"], ()), (["list", "--help"], ())],
)
def test_help_imports_nothing_heavy(arguments: list[str], more: tuple[str, ...]) -> None:
    """What a command needs is imported when it runs."""
    program = f"""
import sys
from harness.cli.main import app
app({arguments!r}, standalone_mode=False)
print([name for name in {HEAVY + more!r} if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
