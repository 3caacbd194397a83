"""The wheel, installed elsewhere, in a folder whose names collide with its own."""

import json
import os
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

from release import check, distributions, notes, stranger

RUN = ("--load", "closed:2", "--requests", "6", "--rounds", "1", "--boots", "1", "--repeats", "0")
JOB = """
from workloads.job import Job

JOB = Job(coroutine="shop.client:fetch", task="shop.tasks:fetch", payloads=[1, 2])
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution."""
    return distributions.build(tmp_path_factory.mktemp("dist"))


def test_the_distributions_are_whole_and_bring_nothing_else(built: tuple[Path, Path]) -> None:
    """Every file of the packages, the data included; no tests, no benchmarks."""
    assert distributions.faults(*built) == []


def test_the_wheel_measures_a_strangers_job(built: tuple[Path, Path], tmp_path: Path) -> None:
    """In an environment of its own, which has the dependencies of this one but not this checkout."""
    environment, folder = tmp_path / "venv", tmp_path / "somewhere"
    venv.create(environment)
    (packages,) = (environment / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n", "utf-8")
    zipfile.ZipFile(built[0]).extractall(packages)
    folder.mkdir()
    stranger.furnish(folder)
    script = environment / "bin" / "workbench"
    script.write_text("from harness.cli.entry import entry_point\n\nentry_point()\n", "utf-8")
    own = [
        str(environment / "bin" / "python"),
        str(script),
        "run",
        str(distributions.ROOT / "tests" / "bare.toml"),
        "-w",
        "job.py",
        "-o",
        "run",
        *RUN,
    ]
    (folder / "job.py").write_text(JOB, "utf-8")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [*own, "-c", "asyncio:2", "-c", "celery-threads:2"],
        cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    cells = json.loads((folder / "run" / "results.json").read_text("utf-8"))["cells"]
    assert {cell["contender"]: cell["status"] for cell in cells} == {
        "asyncio": "measured",
        "celery-threads": "measured",
    }


def test_notes_of_a_release_are_its_dated_section() -> None:
    """One without a date is no release."""
    changelog = "# Changelog\n\n## Unreleased\n\n- c\n\n## 1.0.0 (2026-11-26)\n\n- b\n\n## 0.9.0\n\n- a\n"
    assert notes.section("1.0.0", changelog) == "- b"
    assert notes.section("0.9.0", changelog) is None
    assert notes.section("2.0.0", changelog) is None
    assert notes.unreleased(changelog) == "- c"
    assert notes.unreleased("## Unreleased\n\n## 1.0.0 (2026-11-26)\n") is None


def test_a_program_that_fails_or_does_not_end_is_a_fault_of_its_part(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it said; the other parts are still looked at."""
    rehearsal = check.Rehearsal()
    with rehearsal.part("the build"):
        raise subprocess.CalledProcessError(1, ["build"], stderr="no such file: pyproject.toml")
    with rehearsal.part("3.14"):
        raise subprocess.TimeoutExpired(["workbench"], 300)
    assert len(rehearsal.faults) == 2
    assert "no such file: pyproject.toml" in capsys.readouterr().out


def test_the_version_has_a_dated_section() -> None:
    """So that its tag can be pushed: `make release-check TAG=…` asks the same."""
    assert notes.section(distributions.version(), notes.CHANGELOG.read_text("utf-8"))
