"""What a run says of itself."""

import pytest

from harness.cli.measuring import command_again


@pytest.mark.parametrize(
    ("given", "again"),
    [
        (["run", "quick"], "workbench run quick --seed 5"),
        (["run", "--seed", "5"], "workbench run --seed 5"),
        (["run", "--seed=5"], "workbench run --seed=5"),
        (["run", "-o", "here", "--json", "a.json", "-w", "noop"], "workbench run -w noop --seed 5"),
        (["run", "--output=here", "--json=a.json"], "workbench run --seed 5"),
        (["run", "-ohere", "--origin", "http://h"], "workbench run --origin http://h --seed 5"),
        (["run", "--set", "sleep.draw=a b"], "workbench run --set 'sleep.draw=a b' --seed 5"),
        (["run", "--broker", "redis://me:secret@h/0"], "workbench run --broker redis://me:***@h/0 --seed 5"),
    ],
)
def test_the_same_command_runs_it_again(given: list[str], again: str) -> None:
    """With its seed, without the places where it was written, and without passwords."""
    assert command_again(given, 5) == again
