"""`--profile`: a real run whose drivers and workers are sampled."""

from pathlib import Path

import psutil

from harness.errors import UsageError
from harness.machine.sampling.rights import check_allowed
from harness.machine.sampling.samplers import sampler
from harness.results import store
from tests.cli.conftest import BARE, Workbench
from tests.running import missing


def test_a_run_shows_where_its_cpu_goes_and_leaves_no_sampler(workbench: Workbench, tmp_path: Path) -> None:
    """Of the driver, the worker and its processes; beside the rows, which are as they were."""
    try:
        check_allowed(sampler())
    except UsageError as error:
        missing(str(error))
    chosen = (BARE, "-w", "noop", "-c", "celery-prefork:2", "--load", "closed:4", "--rounds", "1", "--duration", "1s")
    ended = workbench("run", *chosen, "--profile", "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    own, again = store.read(tmp_path / "run").cells
    assert (own.profiled, again.profiled) == (False, True)
    profile = again.trials[0].profile
    assert own.trials[0].profile is None
    assert profile is not None
    assert profile.missing == {}
    assert profile.roles["workers"].processes == 3
    for role in profile.roles.values():
        assert sum(role.packages.values()) > 0.999
    assert {"celery", "kombu", "redis"} <= set(profile.roles["workers"].packages)
    folded = (tmp_path / "run" / profile.file).read_text("utf-8").splitlines()
    assert {line.partition(";")[0] for line in folded} == {"driver", "workers"}
    assert "Profile, noop, celery-prefork:2" in ended.out
    assert not [each for each in psutil.Process().children(recursive=True) if "py-spy" in each.name()]


def test_it_is_for_processes_of_the_run(workbench: Workbench) -> None:
    """Workers that run elsewhere cannot be looked into."""
    arguments = (
        "run",
        BARE,
        "--workers",
        "external",
        "--broker",
        "redis://127.0.0.1:1",
        "--origin",
        "http://127.0.0.1:1",
    )
    ended = workbench(*arguments, "-w", "noop", "-c", "celery-threads", "--profile")
    assert ended.status == 2
    assert "--profile samples processes that the run starts" in ended.err
