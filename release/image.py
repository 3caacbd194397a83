"""What the container image adds to its base: `python -m release.image [IMAGE]`; exit 1 if it is too much.

`make release-check` builds it and looks, where there is an engine.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "workbench"
ADDED_MOST_MB = 200
BUILDS_WITHIN_S = 600
BASE = re.compile(r"^FROM (\S+)$", re.MULTILINE)


def base(dockerfile: str) -> str:
    """The image that the last stage of a Dockerfile begins with."""
    return str(BASE.findall(dockerfile)[-1])


def added_mb(image: str, below: str) -> float:
    """Megabytes that an image has beyond the one that it begins with; raises CalledProcessError without either."""
    found = json.loads(_docker("image", "inspect", image, below))
    return float(found[0]["Size"] - found[1]["Size"]) / 1e6


def fault(mb: float) -> str:
    """What is wrong with that much; empty where nothing is."""
    return "" if mb <= ADDED_MOST_MB else f"{mb:.0f} MB are more than {ADDED_MOST_MB} MB"


def built() -> str | None:
    """The image of this tree; None where no engine answers. Raises CalledProcessError."""
    try:
        _docker("version")
    except (OSError, subprocess.CalledProcessError):
        return None
    return _docker("build", "--quiet", str(ROOT)).strip()


def _docker(*arguments: str) -> str:
    command = ["docker", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=BUILDS_WITHIN_S)
    return done.stdout


def look(image: str) -> tuple[float, str]:
    """Megabytes that an image of this tree adds to its base, and what is wrong with that."""
    mb = added_mb(image, base((ROOT / "Dockerfile").read_text("utf-8")))
    return mb, fault(mb)


def main(arguments: Sequence[str]) -> int:
    """Print the figure."""
    mb, wrong = look(arguments[0] if arguments else IMAGE)
    print(f"the image adds {mb:.0f} MB to its base{': ' if wrong else ''}{wrong}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
