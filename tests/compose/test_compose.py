"""docker compose up, as a user starts it. In this order: each test looks at what the ones before have left up."""

import shutil
import subprocess
import urllib.request

import pytest

from harness.report.report import build
from harness.results import store
from harness.results.model import Results
from release import image
from tests.compose.conftest import BARE, DOWN, PLAN, UID, WAIT_S, Compose

pytestmark = pytest.mark.timeout(900)
CUT_OFF_FOLDER = "results/cut-off"
CUT_OFF = (
    *(BARE, "-w", "sleep", "-c", "asyncio:8", "--load", "closed:8", "--load", "drain:20"),
    *("--rounds", "1", "--duration", "8s", "--drivers", "2", "-o", CUT_OFF_FOLDER),
)
DRIVERS = ("--drivers", "2", "-o", "results/drivers")
SMALL = (BARE, "-w", "sleep", "--load", "closed:8", "--duration", "300ms", "--rounds", "1")


def results(compose: Compose) -> Results:
    """Of the plan that `up` ran."""
    (folder,) = (compose.folder / "results").glob(f"*-{PLAN}")
    return store.read(folder)


def page(compose: Compose, path: str) -> str:
    """From the published port."""
    with urllib.request.urlopen(f"http://127.0.0.1:{compose.port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def test_the_harness_ends_with_0_and_its_tables_are_in_the_log(compose: Compose) -> None:
    """Then the last line says where the page is."""
    harness = compose.containers()["harness"]["Id"]
    waited = subprocess.run(["docker", "wait", harness], capture_output=True, text=True, timeout=WAIT_S)
    log = compose("logs", "--no-color", "--no-log-prefix", "harness").stdout
    assert waited.stdout.strip() == "0", log
    unwrapped = " ".join(log.replace("\x1b[2K", "").split())
    assert build(results(compose)).first.headline in unwrapped
    assert "workbench explain WORD" in unwrapped
    assert f"The page: http://localhost:{compose.port}/" in log.splitlines()[-1]
    assert "redis://:***@redis:6379/0" in log


def test_every_column_is_filled(compose: Compose) -> None:
    """Each role tells its own usage, and all clocks are the one kernel's; the reference has no worker elsewhere."""
    document = results(compose)
    assert document.run.status == "done"
    assert {cell.contender for cell in document.cells if cell.status == "not_supported"} == {"queue-bare"}
    for cell in document.cells:
        if cell.status == "not_supported":
            continue
        assert cell.trials
        for trial in cell.counted:
            assert trial.status == "measured"
            assert trial.usage.driver is not None
            assert trial.usage.missing == {}
            if cell.side == "celery":
                assert trial.usage.workers is not None
                assert trial.usage.workers.memory_mb
                assert trial.usage.broker is not None
                assert trial.stages_ms is not None
                assert trial.stages_ms.queue_wait is not None
                assert trial.duplicates == 0
            if cell.workload == "http_date":
                assert trial.usage.origin is not None
                assert trial.served is not None


def test_the_page_answers_with_charts(compose: Compose) -> None:
    """The list, and the run's report."""
    assert PLAN in page(compose, "/")
    (folder,) = (compose.folder / "results").glob(f"*-{PLAN}")
    assert page(compose, f"/runs/{folder.name}/").count("<figure data-chart=") > 10


def test_results_belong_to_the_documented_owner(compose: Compose) -> None:
    """Whoever made the folder."""
    for place in [compose.folder / "results", *(compose.folder / "results").glob("**/*")]:
        assert (place.stat().st_uid, place.stat().st_gid) == (UID, UID)


def test_only_the_page_is_published_and_nothing_runs_as_root(compose: Compose) -> None:
    """On loopback; root file systems are read-only; the password is in no command."""
    for name, one in compose.containers().items():
        bindings = [binding for found in (one["HostConfig"]["PortBindings"] or {}).values() for binding in found]
        assert [binding["HostIp"] for binding in bindings] == (["127.0.0.1"] if name == "report" else [])
        assert one["HostConfig"]["ReadonlyRootfs"]
        assert one["HostConfig"]["CapDrop"] == ["ALL"]
        assert one["HostConfig"]["Init"]
        assert one["Config"]["User"] == (f"{UID}:{UID}" if name != "owner" else "0:0")
        assert "requirepass workbench" not in " ".join(one["Config"]["Cmd"] or [])
        if name not in ("owner", "harness"):
            assert one["State"]["Running"], name


def test_every_service_that_a_run_needs_is_healthy(compose: Compose) -> None:
    """It was waited for, so that a run finds all workers; and a probe fails where there is no worker."""
    found = compose.containers()
    for name in ("redis", "origin", "worker-prefork", "worker-threads", "worker-gevent", "worker-solo"):
        assert found[name]["State"]["Health"]["Status"] == "healthy", name
    _, probe = found["worker-prefork"]["Config"]["Healthcheck"]["Test"]
    assert compose("run", "--rm", "-T", "--entrypoint", "sh", "owner", "-c", probe, check=False).returncode == 1


@pytest.mark.usefixtures("compose")
def test_the_image_adds_little_to_its_base() -> None:
    """The one that `up` has built."""
    assert image.look(image.IMAGE)[1] == ""


def test_compose_1_29_reads_the_same_services(compose: Compose) -> None:
    """As some distributions have it; it lists those of profiles too."""
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose 1.29 is not installed")
    old = subprocess.run(
        ["docker-compose", "config", "--services"], cwd=compose.folder, capture_output=True, text=True, timeout=60
    )
    assert old.returncode == 0, old.stderr
    assert sorted(old.stdout.split()) == sorted(compose("--profile", "*", "config", "--services").stdout.split())


def test_no_volume_is_made(compose: Compose) -> None:
    """The official image of Redis declares one, which `down` would leave behind."""
    found = compose.containers()
    assert [mount["Type"] for one in found.values() for mount in one["Mounts"] if mount["Type"] != "bind"] == ["tmpfs"]
    assert [mount["Destination"] for mount in found["redis"]["Mounts"]] == ["/data"]


def test_workers_that_are_scaled_are_used_together(compose: Compose) -> None:
    """And one that is killed is missed by the next run."""
    compose("up", "-d", "--scale", "worker-threads=3", "worker-threads")
    compose.until_workers_answer("worker-threads", 3)
    done = compose.run(*SMALL, "-c", "celery-threads:16")
    assert done.returncode == 0, done.stderr
    assert "celery-threads:48: 3 workers on 3 hosts share the slots." in done.stdout
    subprocess.run(["docker", "kill", compose.containers()["worker-threads"]["Id"]], check=True, capture_output=True)
    again = compose.run(*SMALL, "-c", "celery-threads:16")
    assert again.returncode == 0, again.stderr
    assert "celery-threads:32: 2 workers on 2 hosts share the slots." in again.stdout


def test_drivers_on_other_hosts_share_the_load(compose: Compose) -> None:
    """Each in a container with a name and an address of its own; what they recorded is one trial."""
    compose("--profile", "drivers", "up", "-d", "--scale", "driver=2", "driver")
    compose.until_workers_answer("driver", 2)
    done = compose.run(*SMALL, "-c", "asyncio:8", "-c", "celery-threads:16", *DRIVERS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "asyncio:8 ×2" in done.stdout
    read = store.read(compose.folder / "results" / "drivers")
    found = [cell for cell in read.cells if cell.drivers == 2]
    assert {cell.side for cell in found} == {"asyncio", "celery"}
    for cell in found:
        assert len(cell.counted) == 1
        for trial in cell.counted:
            assert len({one.host for one in trial.drivers}) == 2
            assert trial.ok == trial.submitted > 0
            assert trial.stages_ms is not None


def test_a_driver_that_is_cut_off_fails_its_trial_with_its_share_named(compose: Compose) -> None:
    """And the run goes on: cells of one driver are measured as ever."""
    compose("restart", "-t", "3", "driver")  # so that a driver's process tells that it is in this run
    compose.until_workers_answer("driver", 4)
    with compose.going("docker", "compose", "run", "--rm", "--no-deps", "-T", "harness", "run", *CUT_OFF) as going:
        compose.until_answers_come(going, CUT_OFF_FOLDER, "closed:8")
        subprocess.run(["docker", "kill", compose.containers()["driver"]["Id"]], check=True, capture_output=True)
        output, _ = going.communicate(timeout=90)
    assert going.returncode == 1, output
    output = " ".join(output.split())
    assert "closed:4 of closed:8) has gone" in output, output
    assert "sleep asyncio:8 drain:20" in output


def test_a_wrong_password_is_exit_3_with_what_to_do(compose: Compose) -> None:
    """As outside of a container, where the tests of the command line look at whatever else may be missing."""
    wrong = compose.run(*SMALL, "-c", "celery-threads", WORKBENCH_BROKER="redis://:wrong@redis:6379/0")
    assert wrong.returncode == 3
    assert "requires a password, or rejects the user or password given" in wrong.stdout + wrong.stderr


def test_down_leaves_nothing(compose: Compose) -> None:
    """No container, no network; those of profiles are there until then."""
    assert "driver" in compose.containers()
    compose(*DOWN)
    assert compose.containers() == {}
    assert compose.networks() == ""
