"""`python -m chaos.crashes`: runs of the plan `crashes` that are interrupted at moments drawn from a seed.

Each has to end soon, and to leave no process, no temporary file and no shared memory. Exit status 1 with findings.
`make chaos-crashes` is the same: `make chaos-crashes SEED=7 RUNS=20`.
"""

import argparse
import contextlib
import random
import signal
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import NamedTuple

import psutil

from chaos.journal import Watched
from chaos.judging import UNCAUGHT
from chaos.leftovers import GRACE_S, Before
from chaos.processes import Tree, catches, environment
from chaos.series import seed_of
from harness.results import store

LATEST_S, START_S = 60.0, 4.0
"""After the start: its services boot, what a promise costs is measured, and crashes follow, beside each other. A
quarter comes while all of it starts."""
ENDS_WITHIN_S = 30.0
DEAF_S = 1.0
"""Within which Python has started, and the workbench takes signals."""
STEP_S = 0.02
WAYS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
INTERRUPTED = 130


class Interruption(NamedTuple):
    """One run."""

    way: signal.Signals
    after_s: float

    def __str__(self) -> str:
        return f"{self.way.name} after {self.after_s:.1f} s"


def draw(rng: random.Random) -> Interruption:
    """Three in four can be caught."""
    return Interruption(rng.choice(WAYS), rng.uniform(0.0, rng.choice((START_S, LATEST_S, LATEST_S, LATEST_S))))


def main() -> int:
    """Run them; print each on a line, then how many left something."""
    parser = argparse.ArgumentParser(prog="python -m chaos.crashes", description=__doc__)
    parser.add_argument("--seed", type=int, help="from which the moments are drawn; default: another one each time")
    parser.add_argument("--runs", type=int, default=20, help="how many (default: 20)")
    options = parser.parse_args()
    seed = seed_of(options.seed)
    rng, failed = random.Random(seed), 0
    print(f"seed {seed}", flush=True)
    for number in range(1, options.runs + 1):
        drawn = draw(rng)
        with tempfile.TemporaryDirectory(prefix="workbench-chaos-") as folder:
            where, found = interrupted(drawn, Path(folder))
        failed += bool(found)
        print(f"{number:3} {drawn}, {where}: {'; '.join(found) or 'nothing is left'}", flush=True)
    print(f"{failed} of {options.runs} runs left something (seed {seed})")
    return 1 if failed else 0


def interrupted(drawn: Interruption, folder: Path) -> tuple[str, list[str]]:
    """Run the plan once, interrupt it then; returns where it was, and what did not hold."""
    temporary, output, mark, tree = folder / "tmp", folder / "run", uuid.uuid4().hex, Tree()
    temporary.mkdir()
    before, watched = Before(mark, tree, temporary), Watched(output / store.JOURNAL)
    argv = [sys.executable, "-P", "-m", "harness", "run", "crashes", "--rounds", "1", "--quiet", "-o", str(output)]
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = psutil.Popen(argv, cwd=folder, stdout=out, stderr=err, env=environment(mark, temporary))
    try:
        _follow(process, tree, drawn.after_s)
        watched.read()
        where, deaf = f"{watched.phase()}, {watched.ended()} of its trials over", _still_deaf(process)
        with contextlib.suppress(psutil.NoSuchProcess):  # it was through already
            process.send_signal(drawn.way)
        _follow(process, tree, ENDS_WITHIN_S)
        found = _ended(process, drawn, deaf=deaf) + before.left_running(GRACE_S)
        if deaf and drawn.after_s > DEAF_S:
            found.append(f"it took no signal {drawn.after_s:.1f} s after its start")
    except BaseException:  # interrupted: nothing of it shall go on
        process.kill()
        before.left_running(0.0)
        raise
    if drawn.way is not signal.SIGKILL:  # what that leaves in TMPDIR, the next run removes
        found += before.left_files()
    uncaught = UNCAUGHT.search((folder / "err").read_text("utf-8", "replace"))
    if uncaught and not deaf:
        found.append(f"{uncaught[0]!r} on standard error")
    return where, found + before.left_shared()


def _follow(process: psutil.Popen, tree: Tree, for_s: float) -> None:
    """For so long, or to its end; whatever runs below it is noted."""
    ends_s = time.monotonic() + for_s
    while process.poll() is None and time.monotonic() < ends_s:
        tree.look(process)
        time.sleep(STEP_S)


def _still_deaf(process: psutil.Popen) -> bool:
    """Whether it is still Python alone that starts: the workbench takes signals before anything else."""
    with contextlib.suppress(OSError):  # it was through already
        return process.poll() is None and not catches(process.pid, signal.SIGTERM)
    return False


def _ended(process: psutil.Popen, drawn: Interruption, *, deaf: bool) -> list[str]:
    """What is wrong with its end; one that does not end is killed. `deaf`: whether it may have died of the signal."""
    if process.poll() is None:
        process.kill()
        process.wait()
        return [f"it had not ended {ENDS_WITHIN_S:g} s later"]
    expected = -drawn.way if drawn.way is signal.SIGKILL else INTERRUPTED
    allowed = (expected, 0, -drawn.way) if deaf else (expected, 0)
    return [] if process.returncode in allowed else [f"exit status {process.returncode} instead of {expected}"]


if __name__ == "__main__":
    sys.exit(main())
