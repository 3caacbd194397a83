"""Runs on a real RabbitMQ, in a container of the test's own."""

import json
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from harness.errors import ServiceError
from harness.results import store
from harness.results.model import Cell
from harness.services.brokers.broker import broker_url, check_broker, kind
from tests.cli.conftest import BARE, Start, Workbench
from tests.running import await_engine, without_engine

IMAGE = "rabbitmq:4"
START = "echo '[rabbitmq_prometheus].' > /etc/rabbitmq/enabled_plugins; exec rabbitmq-server"
SETTINGS = {
    "RABBITMQ_DEFAULT_USER": "workbench",
    "RABBITMQ_DEFAULT_PASS": "sesame-4712",
    # Waiting costs CPU by default: its schedulers look for work in a loop before they sleep.
    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
}
NAMES = '[io:format("~s~n", [element(4, N)]) || L <- [rabbit_amqqueue, rabbit_exchange], N <- L:list_names()].'
POOLS = ("celery-prefork:2", "celery-threads:2", "celery-gevent:2", "celery-solo")
RUN = ("run", BARE, "-w", "noop", "--load", "open:20/s", "--load", "drain:60", "--duration", "300ms", "--rounds", "1")


def docker(*arguments: str, check: bool = True) -> str:
    """What docker says."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


class Rabbit:
    """The server, as a user's would be."""

    def __init__(self, name: str) -> None:
        self.name = name
        address = json.loads(docker("inspect", name))[0]["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        self.url = f"amqp://workbench:sesame-4712@{address}:5672//"

    def left(self) -> set[str]:
        """Queues and exchanges that are not its own."""
        listed = docker("exec", self.name, "rabbitmqctl", "-q", "eval", NAMES)  # each command starts an Erlang VM
        *names, _ = listed.splitlines()  # the last line is the expression's value
        assert "amq.direct" in names
        return {name for name in names if name and not name.startswith("amq.")}


@pytest.fixture(scope="module")
def rabbit() -> Iterator[Rabbit]:
    """Started, and removed at the end."""
    await_engine()
    if shutil.which("docker") is None or not docker("images", "-q", IMAGE, check=False):
        without_engine(f"no docker engine with the image {IMAGE}")
    name = f"workbench-test-{uuid.uuid4().hex[:8]}"
    env = [text for key, value in SETTINGS.items() for text in ("-e", f"{key}={value}")]
    docker("run", "-d", "--rm", "--name", name, *env, IMAGE, "sh", "-c", START)
    try:
        server = Rabbit(name)
        deadline = time.monotonic() + 60
        while not answers(server):
            assert time.monotonic() < deadline, docker("logs", name)
            time.sleep(0.5)
        yield server
    finally:
        docker("rm", "-f", name, check=False)


def answers(server: Rabbit) -> bool:
    """Whether it is up."""
    try:
        check_broker(broker_url(server.url))
    except ServiceError:
        return False
    return True


def asked_for(folder: Path) -> list[Cell]:
    """The cells that are not only the floor's."""
    return [cell for cell in store.read(folder).cells if cell.views != ["floor"]]


def test_every_pool_runs_on_it_with_results_as_messages(rabbit: Rabbit, workbench: Workbench, tmp_path: Path) -> None:
    """All columns are filled, and nothing of the run stays there."""
    chosen = [text for pool in POOLS for text in ("-c", pool)]
    ended = workbench(*RUN, *chosen, "--broker", rabbit.url, "--result-backend", "rpc://", "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    cells = asked_for(tmp_path / "run")
    assert {cell.name for cell in cells} == {f"{pool.partition(':')[0]}@rabbitmq" for pool in POOLS}
    for cell in cells:
        (trial,) = cell.trials
        assert trial.ok == trial.submitted
        assert trial.executions is not None
        assert trial.executions > trial.submitted  # the first request, before anything is timed, and the warm-up
        assert trial.duplicates == 0
        assert trial.usage.broker is not None, trial.usage.missing
        assert trial.usage.broker.memory_mb
        assert trial.stages_ms is not None
        assert trial.stages_ms.queue_wait is not None
    report = (tmp_path / "run" / "report.md").read_text("utf-8")
    assert "rabbitmq" in ended.out
    assert "results as messages (rpc)" in report
    assert not any(
        "sesame" in file.read_text(errors="ignore") for file in (tmp_path / "run").rglob("*") if file.is_file()
    )
    assert "sesame" not in ended.out + ended.err
    assert rabbit.left() == set()


def test_both_brokers_in_one_run_are_compared(
    rabbit: Rabbit, workbench: Workbench, redis_url: str, tmp_path: Path
) -> None:
    """Each Celery contender once on each; the given Redis keeps the results of both, and nothing stays in it."""
    chosen = (
        BARE,
        "-w",
        "sleep",
        "-c",
        "celery-threads:2",
        "--load",
        "open:20/s",
        "--duration",
        "300ms",
        "--rounds",
        "1",
    )
    given = ("--broker", redis_url, "--broker", rabbit.url)
    ended = workbench("run", *chosen, *given, "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    results = store.read(tmp_path / "run")
    assert {cell.label for cell in results.cells} == {"celery-threads:2", "celery-threads:2@rabbitmq"}
    assert {frozenset((one.base, one.contender)) for one in results.comparisons} == {
        frozenset(("celery-threads:2", "celery-threads:2@rabbitmq"))
    }
    assert [(one.server, one.backend) for one in results.environment.brokers] == [
        ("redis", None),
        ("rabbitmq", "redis"),
    ]
    with Redis.from_url(redis_url) as client:
        assert client.keys("*") == []
    assert rabbit.left() == set()


def test_workers_that_wait_there_are_found(rabbit: Rabbit, start: Start, workbench: Workbench, tmp_path: Path) -> None:
    """By the broker's URL alone."""
    env = {"WORKBENCH_BROKER": rabbit.url}
    worker = start("worker", "--pool", "threads", "--slots", "2", env=env)
    worker.until(lambda: ".> concurrency" in worker.told(), "the worker's start")
    external = ("--workers", "external", "-c", "celery-threads:2", "-o", str(tmp_path / "run"))
    ended = workbench(*RUN, *external, env=env)
    assert ended.status == 0, ended.err
    assert {cell.label for cell in asked_for(tmp_path / "run")} == {"celery-threads:2@rabbitmq"}
    assert not any("celery-threads" in name for name in rabbit.left())
    worker.process.send_signal(signal.SIGTERM)
    assert worker.ended().status == 0


def test_what_is_wrong_with_it_is_exit_3_with_what_to_do(
    rabbit: Rabbit, workbench_here: Workbench, tmp_path: Path
) -> None:
    """A password, a virtual host, an address; no password is shown."""
    for url, told in (
        (rabbit.url.replace("sesame", "wrong-4713"), "rejects the user or password given"),
        (rabbit.url + "nowhere", "nowhere"),
        ("amqp://workbench:wrong-4713@127.0.0.1:1//", "Is RabbitMQ running there?"),
    ):
        ended = workbench_here(*RUN, "-c", "celery-threads:2", "--broker", url, "-o", str(tmp_path / "run"))
        assert ended.status == 3, ended.err
        assert told in ended.err
        assert "wrong-4713" not in ended.err


def test_a_chord_without_results_that_are_kept_is_not_supported(
    rabbit: Rabbit, workbench: Workbench, tmp_path: Path
) -> None:
    """With the reason; a chain is."""
    chosen = (BARE, "-w", "http_fanout", "-w", "pipeline", "-c", "celery-threads:4", "--load", "open:5/s")
    ended = workbench(
        *("run", *chosen, "--duration", "500ms", "--rounds", "1"),
        *("--broker", rabbit.url, "--result-backend", "rpc://", "-o", str(tmp_path / "run")),
    )
    assert ended.status == 0, ended.err
    found = {cell.workload: cell for cell in asked_for(tmp_path / "run")}
    assert found["http_fanout"].status == "not_supported"
    assert "a chord needs a result backend" in (found["http_fanout"].reason or "")
    assert found["pipeline"].status == "measured"


def test_where_there_is_none_its_cells_are_skipped_with_the_reason(workbench: Workbench, tmp_path: Path) -> None:
    """The rest of the plan runs; one that was asked for is a service that is missing."""
    if (reason := kind("rabbitmq").cannot_start()) is None:
        pytest.skip("a rabbitmq-server is installed here, which the run would start")
    contenders = ("-c", "celery-threads:2@rabbitmq", "-c", "fake:2")
    ended = workbench(*RUN, *contenders, "-o", str(tmp_path / "run"))
    assert ended.status == 0, ended.err
    found = {cell.label: (cell.status, cell.reason) for cell in asked_for(tmp_path / "run")}
    assert found["fake:2"] == ("measured", None)
    assert found["celery-threads:2@rabbitmq"] == ("skipped", reason)
    asked = workbench(*RUN, "-c", "celery-threads:2", "--broker", "rabbitmq", "-o", str(tmp_path / "asked"))
    assert (asked.status, reason in asked.err) == (3, True), asked.err
