"""What all tests share: how hypothesis runs, and what a test gets in hand."""

import gc
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from harness.jobs import registered
from harness.services.servers.postgres import find_binaries
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive, missing

# The same examples at every run, as long as each may take: a test must not fail because a machine is busy.
settings.register_profile("workbench", deadline=None, derandomize=True, database=None)
settings.load_profile("workbench")
# Constants of our modules are no examples: they would depend on what a process has imported, and take seconds to read.
PROVIDERS = "hypothesis.internal.conjecture.providers"
pytest.MonkeyPatch().setattr(f"{PROVIDERS}.is_local_module_file", lambda _: False, raising=False)

LONG = (
    *("tests/contract/", "tests/browser/", "tests/cli/test_faults.py", "tests/cli/test_ladder.py"),
    *("tests/cli/test_external.py", "tests/cli/test_postgres.py", "tests/cli/test_run.py", "tests/chaos/test_chaos.py"),
    *("tests/celery_side/test_process.py", "tests/compose/", "tests/cli/test_rabbitmq.py", "tests/cli/"),
)
"""Folders and modules whose tests start processes, what takes longest as a whole first. They run before all others.

What needs a container engine waits until some have run: CI starts one beside them (`.ci/run`)."""
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests send it to what they start, which would inherit nohup's deafness
os.environ["WORKBENCH_REPEATS"] = "0"  # the tests that run beside each other disturb each other

SHARING = (
    *("tests/browser/", "tests/cli/test_rabbitmq.py", "tests/cli/test_run.py", "tests/compose/", "tests/contract/"),
    "tests/celery_side/test_process.py",
)
"""Of these, all tests share what takes long to start: one process of the test run runs all of each."""

COMPILED = pytest.StashKey[str | None]()
COMPILES_WITHIN_S = 120.0


def pytest_configure_node(node: WorkerController) -> None:
    """Tell a process of the test run which file will say that the tests are compiled, unless they are already."""
    node.workerinput["compiled"] = compiled_when(node.config)


def compiled_when(config: pytest.Config) -> str | None:
    """That file, the same for all processes; None where there is nothing to wait for."""
    if COMPILED not in config.stash:
        is_compiled = any(Path(__file__).parent.glob("harness/__pycache__/*-pytest-*.pyc"))
        folder = None
        if not is_compiled and not sys.dont_write_bytecode:
            folder = tempfile.TemporaryDirectory(prefix="workbench-tests-")
            config.add_cleanup(folder.cleanup)
        config.stash[COMPILED] = None if folder is None else str(Path(folder.name) / "compiled")
    return config.stash[COMPILED]


def pytest_configure() -> None:
    """Until all is collected, nothing is garbage."""
    gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """On a clean checkout, the first process of the test run compiles the tests, and the others wait for that.

    Else each would compile them all: ten seconds of CPU, four times.
    """
    ours = getattr(session.config, "workerinput", {})
    if (compiled := ours.get("compiled")) is None:
        return (yield)
    deadline = time.monotonic() + (0.0 if ours["workerid"] == "gw0" else COMPILES_WITHIN_S)
    while not Path(compiled).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    try:
        return (yield)
    finally:
        Path(compiled).touch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no process of the test run has a long one left when the others are done."""
    items.sort(key=lambda item: place_in(LONG, item.nodeid))


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it for garbage all the time takes an eighth of the short tests' CPU."""
    gc.collect()
    gc.freeze()
    gc.enable()


def place_in(places: tuple[str, ...], nodeid: str) -> int:
    """Which of the places a test lies in; their number where it lies in none."""
    return next((index for index, place in enumerate(places) if nodeid.startswith(place)), len(places))


def is_long(nodeid: str) -> bool:
    """Whether a test starts processes."""
    return place_in(LONG, nodeid) < len(LONG)


class LongBesideShort(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist has no types
    """Hands out long tests one by one, short ones by module, and as a whole those that share.

    To the last process, the short ones first.

    Tests that start processes mostly wait, the others compute: so there are always some of both under way, and all
    processes but one at most start others.
    """

    def _split_scope(self, nodeid: str) -> str:
        index = place_in(SHARING, nodeid)
        if index < len(SHARING):
            return SHARING[index]
        return nodeid if is_long(nodeid) else nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node is self.nodes[-1] and len(self.nodes) > 2:
            short = next((scope for scope in self.workqueue if not is_long(scope)), None)
            self.workqueue.move_to_end(short or next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongBesideShort:
    """What `pytest -n 4` schedules by; `--dist loadgroup` of pytest-xdist 3.8 groups nothing under pytest 9.2."""
    return LongBesideShort(config, log)


@pytest.fixture(autouse=True)
def no_jobs_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run in this process add the jobs that they are given."""
    monkeypatch.setattr(registered, "_jobs", {})


@pytest.fixture
def driven(tmp_path: Path) -> Callable[..., Driven]:
    """Run one trial of the `fake` contender in this process, in virtual time."""

    def run(**changes: Any) -> Driven:
        contender = changes.pop("contender", None)
        link = changes.pop("link", None)
        assert link is None or isinstance(link, SilentLink)
        return drive(spec_of(tmp_path / "spool", **changes), link or SilentLink(), contender)

    return run


@pytest.fixture
def postgres_server() -> None:
    """A PostgreSQL server can be started here."""
    if find_binaries() is None:
        missing("no PostgreSQL: no initdb on PATH, in /usr/lib/postgresql or in a wheel")
