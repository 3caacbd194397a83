"""The command line as a whole."""

import subprocess
import sys

import pytest
import typer

from harness.cli.main import COMMANDS, assembled

HEAVY = ("celery", "kombu", "numpy", "rich", "aiohttp", "redis", "psutil", "msgspec", "jinja2")


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (["--help"], ("asyncio", "importlib.metadata", "harness.cli.run")),
        (["run", "--help"], ("harness.cli.decide",)),
        (["list", "--help"], ("harness.cli.run",)),
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str], more: tuple[str, ...]) -> None:
    """What a command needs is imported when it runs."""
    program = f"""
import sys
from harness.cli.main import main
sys.argv[1:] = {arguments!r}
try:
    main()
except SystemExit:
    pass
print([name for name in {HEAVY + more!r} if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_the_help_has_every_command_with_options_where_all_are_asked_for() -> None:
    """As a shell that completes them; of a single one, the others have names alone."""
    every, one = (typer.main.get_command(assembled(asked)).commands for asked in (None, "run"))  # type: ignore[attr-defined]
    assert list(every) == list(one) == list(COMMANDS)
    assert [option.name for option in one["run"].params] == [option.name for option in every["run"].params]
    assert len(every["decide"].params) > len(one["decide"].params) == 0
