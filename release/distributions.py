"""Builds the wheel and the source distribution, by the build backend's own functions."""

import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

from release.index_page import index_page, relative_links

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "build" / "dist"
PACKAGES = ("asyncio_side", "celery_side", "harness", "origin", "plans", "workloads")
"""What the wheel brings, besides its metadata."""
FILES = ("pyproject.toml", "README.md", "LICENSE")


def version() -> str:
    """That of this tree."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def build(into: Path = DIST, repository: str = "") -> tuple[Path, Path]:
    """The wheel and the source distribution, in an otherwise empty folder; raises CalledProcessError.

    `repository`: the URL that links of the README lead to.
    From a copy of what belongs to them: the build backend writes beside what it builds, and takes up what lies there.
    """
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    hooks = f"from setuptools import build_meta as b; b.build_wheel({str(into)!r}); b.build_sdist({str(into)!r})"
    with tempfile.TemporaryDirectory(prefix="workbench-build-") as copy:
        for name in PACKAGES:
            shutil.copytree(ROOT / name, Path(copy, name), ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy2(ROOT / name, copy)
        readme = (ROOT / "README.md").read_text("utf-8")
        Path(copy, "README.md").write_text(index_page(readme, repository, f"v{version()}"), "utf-8")
        subprocess.run([sys.executable, "-c", hooks], cwd=copy, check=True, capture_output=True, text=True, timeout=120)
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return wheel, sdist


def faults(wheel: Path, sdist: Path) -> list[str]:
    """What is wrong with what they hold: a package too many, a file that is missing."""
    found = []
    opened = zipfile.ZipFile(wheel)
    names = opened.namelist()
    tops = {name.partition("/")[0] for name in names}
    if extra := sorted(top for top in tops if top not in PACKAGES and not top.endswith(".dist-info")):
        found.append(f"{wheel.name} brings more than the workbench: {', '.join(extra)}")
    for name in names:
        if name.endswith(".dist-info/METADATA"):
            page = str(message_from_bytes(opened.read(name)).get_payload())
            found += [f"its page on an index has a link that leads nowhere: {link}" for link in relative_links(page)]
    missing = [path for path in _tracked() if path not in names]
    found += [f"{wheel.name} lacks {path}" for path in missing]
    with tarfile.open(sdist) as archive:
        inside = {member.name.partition("/")[2] for member in archive.getmembers()}
    found += [f"{sdist.name} lacks {path}" for path in (*_tracked(), *FILES) if path not in inside]
    return found


def _tracked() -> list[str]:
    """Every file of the packages, as it lies in the tree."""
    return [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
