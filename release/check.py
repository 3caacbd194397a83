"""A rehearsal of a release: what a stranger gets from the wheel. `make release-check [TAG=v1.0.0]`.

Builds wheel and source distribution, installs the wheel with what it declares, wheels only, into a fresh environment
outside the checkout, and uses it in a folder whose names collide with those of the workbench: two to three minutes an
interpreter (`PYTHONS="python3.11 python3.14"`). `LOCKED=1` installs the versions of constraints.txt before it.
Prints what it sees; exit 1 if anything is wrong.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from release import distributions, image, notes, stranger

INSTALLED_MOST_MB = 300
HELP_MOST_CPU_S = 0.25
HELP_TRIES = 10
ENDS_WITHIN_S = 300
INSTALL = ("pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--only-binary", ":all:")
"""Wheels only: nothing is compiled."""
LOCK = distributions.ROOT / "constraints.txt"


class Environment:
    """A fresh virtual environment for the wheel, and a folder of a stranger's; raises SubprocessError."""

    def __init__(self, place: Path, python: str) -> None:
        self.folder = place / "somewhere"
        self.folder.mkdir()
        stranger.furnish(self.folder)
        self._venv = place / "venv"
        subprocess.run([python, "-m", "venv", self._venv], check=True, timeout=ENDS_WITHIN_S)
        self._before_mb = self.size_mb()

    def size_mb(self) -> float:
        """Megabytes of all files in the environment."""
        return sum(path.lstat().st_size for path in self._venv.rglob("*") if path.is_file()) / 1e6

    @property
    def installed_mb(self) -> float:
        """What the installation has added."""
        return self.size_mb() - self._before_mb

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment in the stranger's folder; raises TimeoutExpired."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_"))}
        argv = [str(self._venv / "bin" / program), *arguments]
        return subprocess.run(
            argv, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=ENDS_WITHIN_S
        )


class Rehearsal:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def expect(self, done: "subprocess.CompletedProcess[str]", *, quiet: bool = False) -> bool:
        """A command has to end with status 0; what it said is shown where it does not."""
        command, right = " ".join([Path(done.args[0]).name, *done.args[1:]]), done.returncode == 0
        if not right:
            self.faults.append(command)
            print(f"WRONG {command}: exit {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}", flush=True)
        elif not quiet:
            print(f"ok    {command}", flush=True)
        return right

    def check(self, what: str, fault: str) -> None:
        """One fact; no fault, no text."""
        print(f"{'WRONG' if fault else 'ok   '} {what}{': ' if fault else ''}{fault}", flush=True)
        self.faults += [f"{what}: {fault}"] if fault else []

    @contextlib.contextmanager
    def part(self, what: str) -> Iterator[None]:
        """What cannot be gone on with after a program that failed, or did not end; the other parts are looked at."""
        try:
            yield
        except subprocess.SubprocessError as error:
            said = (
                error.stderr if isinstance(error, subprocess.CalledProcessError | subprocess.TimeoutExpired) else None
            )
            text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said or ""
            self.check(what, "\n".join(filter(None, [str(error), text[-2000:].strip()])))


def not_measured(document: Path) -> str:
    """The cells of a run that were not measured, with the reason; empty if each side has one that was.

    What a time did not suffice for, or what no machine can do, is no fault of the wheel's.
    """
    cells = json.loads(document.read_text("utf-8"))["cells"]
    right = ("measured", "not_supported", "pending")
    wrong = [f"{cell['id']}: {cell['status']}: {cell['reason']}" for cell in cells if cell["status"] not in right]
    sides = {cell["side"] for cell in cells if cell["status"] == "measured"}
    return "; ".join([*wrong, *(f"nothing of {side}" for side in ("asyncio", "celery") if side not in sides)])


def installed(at: Environment, rehearsal: Rehearsal, wheel: Path, *, locked: bool) -> bool:
    """Whether the wheel is there, with what it declares or with the versions of the lock."""
    first = at.run(*INSTALL, "--require-hashes", "-r", str(LOCK)) if locked else None
    if first is not None and not rehearsal.expect(first):
        return False
    if not rehearsal.expect(at.run(*INSTALL, *(("--no-deps",) if locked else ()), str(wheel))):
        return False
    rehearsal.expect(at.run("pip", "check"))
    size = at.installed_mb
    rehearsal.check(f"it takes {size:.0f} MB", "" if size <= INSTALLED_MOST_MB else f"{INSTALLED_MOST_MB} at most")
    return True


def help_fault(at: Environment, rehearsal: Rehearsal) -> None:
    """How long `--help` takes, at its best: the processor's time is held, which others on the machine disturb less."""
    wall_s, cpu_s = [], []
    for _ in range(HELP_TRIES):
        began, used_s = time.monotonic(), _children_s()
        rehearsal.expect(at.run("workbench", "--help"), quiet=True)
        wall_s.append(time.monotonic() - began)
        cpu_s.append(_children_s() - used_s)
    fault = "" if min(cpu_s) <= HELP_MOST_CPU_S else f"{HELP_MOST_CPU_S} s of CPU at most"
    rehearsal.check(f"--help takes {min(wall_s):.2f} s, {min(cpu_s):.2f} s of CPU, the best of {HELP_TRIES}", fault)


def _children_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def used(at: Environment, rehearsal: Rehearsal, version: str) -> None:
    """The commands that a newcomer types."""
    said = at.run("workbench", "--version")
    rehearsal.expect(said)
    rehearsal.check("the version is in one place", "" if f" {version}," in said.stdout else said.stdout)
    help_fault(at, rehearsal)
    rehearsal.expect(at.run("workbench", "list"))
    rehearsal.expect(at.run("workbench", "doctor"))
    if rehearsal.expect(at.run("workbench", "run", "quick", "--rounds", "1", "--duration", "1s", "-o", "quick")):
        rehearsal.check("quick", not_measured(at.folder / "quick" / "results.json"))
    # A rate that a machine can do which has other things to do: what is looked at is the wheel.
    decided = at.run(
        "workbench", "decide", *stranger.DECIDE, "--rate", "5/s", "--time", "120s", "--yes", "-o", "decided"
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


def asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What is to be rehearsed; ends the process on bad usage."""
    parser = argparse.ArgumentParser(prog="python -m release.check", description=__doc__)
    parser.add_argument("--tag", default="", help="the tag to be released: its version needs a dated section")
    parser.add_argument("--python", action="append", help="an interpreter to install for; can be repeated")
    parser.add_argument("--locked", action="store_true", help="with the versions of constraints.txt")
    parser.add_argument("--repository", default="", help="URL that the page on a package index links to")
    found = parser.parse_args(arguments)
    found.python = found.python or [sys.executable]
    for python in found.python:
        if shutil.which(python) is None:
            parser.error(f"--python {python}: there is no such program.")
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit 1 if anything is wrong."""
    said = asked(arguments)
    version = distributions.version()
    rehearsal = Rehearsal()
    if said.tag:
        rehearsal.check("the tag names the version", "" if said.tag == f"v{version}" else f"{said.tag}, not v{version}")
        text = notes.section(version, notes.CHANGELOG.read_text("utf-8"))
        rehearsal.check("CHANGELOG.md has its section", "" if text else f"no '## {version} (YYYY-MM-DD)'")
        if notes.unreleased(notes.CHANGELOG.read_text("utf-8")):
            print(f"      CHANGELOG.md has more under 'Unreleased', which the notes of {said.tag} will not have")
    with rehearsal.part("the distributions"):
        wheel, sdist = distributions.build(repository=said.repository)
        rehearsal.check(f"{wheel.name} and {sdist.name} are whole", "; ".join(distributions.faults(wheel, sdist)))
        for python in said.python:
            with rehearsal.part(python), tempfile.TemporaryDirectory(prefix="workbench-release-") as place:
                at = Environment(Path(place), python)
                rehearsal.expect(at.run("python", "--version"))
                if installed(at, rehearsal, wheel, locked=said.locked):
                    used(at, rehearsal, version)
    with rehearsal.part("the image"):
        image_of(rehearsal)
    print(f"{len(rehearsal.faults)} faults")
    sys.exit(int(bool(rehearsal.faults)))


if __name__ == "__main__":
    main()
