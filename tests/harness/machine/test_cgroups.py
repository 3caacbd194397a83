"""Quotas and limits of cgroups, of both versions, as containers and machines show them: in virtual files."""

from pathlib import Path

import pytest

from harness.machine import cores as machine_cores
from harness.machine.cgroups import memory_limit_mb, oom_kills, pids_limit, quotas
from harness.machine.cores import cores, cpu_quota

V1_STAT = "nr_periods 143\nnr_throttled 122\nthrottled_time 8100000000\n"
V2_STAT = "usage_usec 900\nuser_usec 500\nnr_periods 143\nnr_throttled 122\nthrottled_usec 8100000\nnr_bursts 0\n"
V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"


def machine(root: Path, paths: str, mounts: str, **files: dict[str, str]) -> Path:
    """A folder with these lines of /proc/self, and files of cgroups by their folder (`__` stands for `/`)."""
    at = root / "proc" / "self"
    at.mkdir(parents=True)
    (at / "cgroup").write_text(paths)
    (at / "mountinfo").write_text(f"22 1 0:20 / / rw shared:1 - ext4 /dev/vda rw\n{mounts}\n")
    for folder, contents in files.items():
        place = root / "sys/fs/cgroup" / folder.strip("_").replace("__", "/")
        place.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (place / name).write_text(text)
    return root


def v1(quota_us: int, period_us: int = 100_000) -> dict[str, str]:
    """A cgroup's files."""
    return {"cpu.cfs_quota_us": f"{quota_us}\n", "cpu.cfs_period_us": f"{period_us}\n", "cpu.stat": V1_STAT}


def v2(granted: str) -> dict[str, str]:
    """A cgroup's files."""
    return {"cpu.max": f"{granted}\n", "cpu.stat": V2_STAT}


@pytest.fixture(autouse=True)
def _two_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_cores, "cpus", lambda: 2)


def test_a_machine_without_a_quota_has_its_cpus(tmp_path: Path) -> None:
    """A root cgroup of version 2 has no `cpu.max`; one of version 1 has -1 for no quota."""
    two = machine(tmp_path / "2", "0::/\n", V2_MOUNT, _={"cpu.stat": V2_STAT})
    mount = "31 23 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct"
    one = machine(tmp_path / "1", "1:cpu,cpuacct:/\n0::/\n", mount, cpu=v1(-1))
    for root in (one, two, tmp_path / "nothing"):
        assert (quotas(root), cpu_quota(root), cores(root)) == ([], None, 2)


@pytest.mark.parametrize("inside", [True, False])
def test_a_container_of_version_1_sees_its_own_cgroup_where_the_mount_begins(tmp_path: Path, *, inside: bool) -> None:
    """With a namespace of its own its path is `/`; without one, path and mount both begin with the container's."""
    own = "/" if inside else "/docker/4f2a"
    mount = f"31 23 0:28 {own} /sys/fs/cgroup/cpu,cpuacct ro,relatime master:9 - cgroup cgroup rw,cpu,cpuacct"
    root = machine(tmp_path, f"4:memory:{own}\n2:cpu,cpuacct:{own}\n0::/\n", mount, **{"cpu,cpuacct": v1(50_000)})
    (quota,) = quotas(root)
    assert (quota.cores, quota.period_s) == (0.5, 0.1)
    assert (quota.periods, quota.throttled_periods, quota.throttled_s) == (143, 122, 8.1)
    assert cores(root) == 0.5


def test_version_2_says_quota_and_throttling_in_microseconds(tmp_path: Path) -> None:
    """And a burst, where there is one."""
    root = machine(tmp_path, "0::/\n", V2_MOUNT, _=v2("150000 100000") | {"cpu.max.burst": "20000\n"})
    (quota,) = quotas(root)
    assert (quota.cores, quota.burst_s, quota.throttled_s) == (1.5, 0.02, 8.1)
    assert cores(root) == 1.5


def test_each_ancestor_binds_and_the_tightest_counts(tmp_path: Path) -> None:
    """A pod's quota binds its containers, whatever their own says."""
    files = {"pod": v2("50000 100000"), "pod__app": v2("max 100000"), "pod__app__run": v2("400000 100000")}
    root = machine(tmp_path, "0::/pod/app/run\n", V2_MOUNT, **files)
    assert [(quota.cgroup, quota.cores) for quota in quotas(root)] == [("/pod/app/run", 4.0), ("/pod", 0.5)]
    assert cores(root) == 0.5


def test_a_quota_above_the_cpus_grants_no_more_than_there_are(tmp_path: Path) -> None:
    """Four cores of two."""
    root = machine(tmp_path, "0::/a\n", V2_MOUNT, a=v2("400000 100000"))
    assert (cpu_quota(root), cores(root)) == (4.0, 2)


def test_a_hybrid_machine_is_read_where_the_controller_is(tmp_path: Path) -> None:
    """Version 2 is mounted beside version 1 without controllers."""
    mounts = (
        "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
        "33 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
    )
    files = {"cpu__slice": v1(100_000), "cpuset__other": v1(1_000), "unified": {"cgroup.procs": "1"}}
    root = machine(tmp_path, "5:cpuset:/other\n3:cpu:/slice\n0::/\n", mounts, **files)
    assert [(quota.cgroup, quota.cores) for quota in quotas(root)] == [("/slice", 1.0)]


def test_a_cgroup_that_is_not_mounted_here_is_not_guessed(tmp_path: Path) -> None:
    """Its path lies outside of what the mount shows: the quota that is there is somebody else's."""
    root = machine(tmp_path, "0::/../other\n", V2_MOUNT, _=v2("50000 100000"))
    assert quotas(root) == []
    mounted = machine(tmp_path / "m", "0::/us\n", V2_MOUNT.replace(" / ", " /them ", 1), _=v2("50000 100000"))
    assert quotas(mounted) == []


def test_a_mount_point_with_blanks_is_found(tmp_path: Path) -> None:
    r"""The kernel writes `\040`."""
    mount = r"30 23 0:26 / /sys/fs/cgroup/my\040groups rw - cgroup2 cgroup2 rw"
    root = machine(tmp_path, "0::/\n", mount, **{"my groups": v2("50000 100000")})
    assert cpu_quota(root) == 0.5


def test_what_cannot_be_read_is_no_quota(tmp_path: Path) -> None:
    """Of the kind that a kernel does not write."""
    for number, text in enumerate(("", "max", "x 100000", "50000 0", "50000")):
        root = machine(tmp_path / str(number), "0::/\n", V2_MOUNT, _=v2(text))
        assert quotas(root) == []


def test_the_least_memory_of_all_cgroups_is_the_limit(tmp_path: Path) -> None:
    """Of both versions; a number near 2^63 is none."""
    files = {"pod": {"memory.max": "512000000\n"}, "pod__app": {"memory.max": "max\n", "memory.events": "oom_kill 3\n"}}
    two = machine(tmp_path / "2", "0::/pod/app\n", V2_MOUNT, **files)
    assert (memory_limit_mb(two), oom_kills(two)) == (512.0, 3)
    mount = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
    unlimited = {"memory.limit_in_bytes": "9223372036854771712\n", "memory.oom_control": "under_oom 0\noom_kill 1\n"}
    one = machine(tmp_path / "1", "4:memory:/\n", mount, memory=unlimited)
    assert (memory_limit_mb(one), oom_kills(one)) == (None, 1)
    assert (memory_limit_mb(tmp_path / "0"), oom_kills(tmp_path / "0")) == (None, None)


def test_the_least_number_of_processes_of_all_cgroups_is_the_limit(tmp_path: Path) -> None:
    """`max` is none."""
    files = {"pod": {"pids.max": "100\n"}, "pod/app": {"pids.max": "max\n"}}
    assert pids_limit(machine(tmp_path / "2", "0::/pod/app\n", V2_MOUNT, **files)) == 100
    assert pids_limit(tmp_path / "nothing") is None
