"""A rehearsal of a release: what a stranger gets from the wheel. `make release-check [TAG=v1.0.0]`.

Builds wheel and source distribution, installs the wheel with what it declares, wheels only, into a fresh environment
outside the checkout, and uses it in a folder whose names collide with those of the workbench: two to three minutes.
Prints what it sees; exit 1 if anything is wrong.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

from release import distributions, image, notes, stranger

INSTALLED_MOST_MB = 300
ENDS_WITHIN_S = 300
WHEELS_ONLY = ("--no-cache-dir", "--only-binary", ":all:")


class Environment:
    """A fresh virtual environment with the wheel, and a folder of a stranger's."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "somewhere"
        self.folder.mkdir()
        stranger.furnish(self.folder)
        self._venv = place / "venv"
        venv.create(self._venv, with_pip=True)
        self._before_mb = self.size_mb()

    def size_mb(self) -> float:
        """Megabytes of all files in the environment."""
        return sum(path.lstat().st_size for path in self._venv.rglob("*") if path.is_file()) / 1e6

    @property
    def installed_mb(self) -> float:
        """What the installation has added."""
        return self.size_mb() - self._before_mb

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment in the stranger's folder."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_"))}
        argv = [str(self._venv / "bin" / program), *arguments]
        return subprocess.run(
            argv, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=ENDS_WITHIN_S
        )


class Rehearsal:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def expect(self, done: "subprocess.CompletedProcess[str]", status: int = 0) -> bool:
        """A command has to end with that status."""
        command = " ".join([Path(done.args[0]).name, *done.args[1:]])
        if done.returncode != status:
            self.faults.append(f"{command}: exit {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")
        print(f"{'ok   ' if done.returncode == status else 'WRONG'} {command}", flush=True)
        return done.returncode == status

    def check(self, what: str, fault: str) -> None:
        """One fact; no fault, no text."""
        print(f"{'WRONG' if fault else 'ok   '} {what}{': ' if fault else ''}{fault}", flush=True)
        self.faults += [f"{what}: {fault}"] if fault else []


def not_measured(document: Path) -> str:
    """The cells of a run that were not measured, with the reason; empty if all were, or cannot be on any machine."""
    cells = json.loads(document.read_text("utf-8"))["cells"]
    wrong = [cell for cell in cells if cell["status"] not in ("measured", "not_supported")]
    return "; ".join(f"{cell['id']}: {cell['status']}: {cell['reason']}" for cell in wrong) if cells else "no cells"


def used(at: Environment, rehearsal: Rehearsal, version: str) -> None:
    """The commands that a newcomer types."""
    said = at.run("workbench", "--version")
    rehearsal.expect(said)
    rehearsal.check("the version is in one place", "" if version in said.stdout else said.stdout)
    began = time.monotonic()
    rehearsal.expect(at.run("workbench", "--help"))
    print(f"      --help took {time.monotonic() - began:.2f} s")
    rehearsal.expect(at.run("workbench", "list"))
    if rehearsal.expect(at.run("workbench", "run", "quick", "--rounds", "1", "--duration", "1s", "-o", "quick")):
        rehearsal.check("quick", not_measured(at.folder / "quick" / "results.json"))
    decided = at.run(
        "workbench", "decide", *stranger.DECIDE, "--rate", "20/s", "--time", "60s", "--yes", "-o", "decided"
    )
    if rehearsal.expect(decided):
        rehearsal.check("decide", not_measured(at.folder / "decided" / "results.json"))


def image_of(rehearsal: Rehearsal) -> None:
    """What the container image adds to its base, where an engine can build it."""
    if (name := image.built()) is None:
        print("      no container engine answers: the image is not looked at")
        return
    mb, fault = image.look(name)
    rehearsal.check(f"the image adds {mb:.0f} MB to its base", fault)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m release.check", description=__doc__)
    parser.add_argument("--tag", default="", help="the tag to be released: its version needs a dated section")
    tag = parser.parse_args(arguments).tag
    version = tomllib.loads((distributions.ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    rehearsal = Rehearsal()
    if tag:
        rehearsal.check("the tag names the version", "" if tag == f"v{version}" else f"{tag}, version {version}")
        text = notes.section(version, notes.CHANGELOG.read_text("utf-8"))
        rehearsal.check("CHANGELOG.md has its section", "" if text else f"no '## {version} (YYYY-MM-DD)'")
    wheel, sdist = distributions.build()
    rehearsal.check(f"{wheel.name} and {sdist.name} are whole", "; ".join(distributions.faults(wheel, sdist)))
    with tempfile.TemporaryDirectory(prefix="workbench-release-") as place:
        at = Environment(Path(place))
        if rehearsal.expect(
            at.run("pip", "install", "--quiet", "--no-cache-dir", "--only-binary", ":all:", str(wheel))
        ):
            size = at.installed_mb
            rehearsal.check(
                f"it takes {size:.0f} MB", "" if size <= INSTALLED_MOST_MB else f"{INSTALLED_MOST_MB} at most"
            )
            used(at, rehearsal, version)
    image_of(rehearsal)
    print(f"{len(rehearsal.faults)} faults")
    sys.exit(int(bool(rehearsal.faults)))


if __name__ == "__main__":
    main()
