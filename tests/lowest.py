"""`make test-lowest`: the Celery contenders' contract and jobs of one's own, with the lowest versions that are allowed.

Makes a virtual environment in which each direct dependency has the lower bound of `pyproject.toml`, by a constraints
file that it writes, and runs those tests there. `--newest` takes the newest versions within the bounds instead.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = ("hypothesis", "pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist")
"""Of the tests, which have no lower bound of their own here."""
PROJECTS = ("django>=5.2,<6", "flask>=3.1,<4")
"""What tests take for projects of the user's own."""
CONTRACT = tuple(f"tests/contract/test_{name}.py" for name in ("commands", "contenders", "scenarios", "exceptions"))
OWN = ("tests/cli/test_own_job.py", "tests/harness/jobs", "tests/harness/contenders/celery/own")
BOUND = re.compile(r"^([\w.-]+(?:\[[\w,-]+\])?)>=([\w.]+)")


def lowest(requirements: list[str]) -> list[str]:
    """`NAME==LOWER` of each requirement that has a lower bound; extras belong to no constraint."""
    found = [BOUND.match(requirement) for requirement in requirements]
    return [f"{bound[1].partition('[')[0]}=={bound[2]}" for bound in found if bound is not None]


def main() -> int:
    """Returns pytest's status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--newest", action="store_true", help="the newest versions within the bounds")
    parser.add_argument("--folder", type=Path, help="of the environment, which is made where there is none")
    parser.add_argument("arguments", nargs="*", help="for pytest, after --; default: the tests that this is about")
    asked = parser.parse_args()
    folder = asked.folder or ROOT / "build" / ("newest" if asked.newest else "lowest")
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        make(folder, python, newest=asked.newest)
    arguments = asked.arguments or ["-n", os.environ.get("TEST_PROCESSES", "4"), "-k", "celery or own or jobs"]
    if not asked.newest:  # of an older Celery, whose results raise when they are collected at the end
        arguments += ["-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
    arguments += [] if any(argument.startswith("tests/") for argument in arguments) else [*CONTRACT, *OWN]
    return subprocess.run([python, "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode


def make(folder: Path, python: Path, *, newest: bool) -> None:
    """The environment."""
    venv.create(folder, with_pip=True, clear=True)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join([] if newest else lowest(project["dependencies"])) + "\n")
    subprocess.run([*pip, "-c", constraints, *project["dependencies"], *TOOLS, *PROJECTS], check=True)
    subprocess.run([*pip, "--no-deps", "-e", ROOT], check=True)
    (folder / "made").touch()


if __name__ == "__main__":
    sys.exit(main())
