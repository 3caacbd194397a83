"""Doubts about what a trial had to run on."""

import msgspec

from harness.results.model import Doubt, Machine, Quota
from harness.statistics.resource_doubts import SESSION, of_driver_cpu, of_oom_kills, of_quotas


def quota_of(throttled: int, cgroup: str = "/") -> Quota:
    """Half a core, over a hundred periods."""
    return Quota(cgroup=cgroup, cores=0.5, period_s=0.1, periods=100, throttled_periods=throttled, throttled_s=1.0)


def kinds(found: list[Doubt]) -> list[str]:
    """The kinds; each has a text and advice."""
    assert all(doubt.text and doubt.advice for doubt in found)
    return [doubt.kind for doubt in found]


def test_a_quota_that_is_used_up_now_and_then_is_no_doubt() -> None:
    """In more than a twentieth of its periods it is, with the worst of those that bind a role."""
    assert of_quotas({SESSION: quota_of(5), "workers": None}) == []
    (doubt,) = of_quotas({SESSION: quota_of(6), "workers": quota_of(85, "/workers")})
    assert doubt.kind == "throttled"
    assert "0.5 cores for workers was used up in 85 of 100 periods of 100 ms" in doubt.text


def test_a_quota_that_binds_all_alike_is_called_the_runs() -> None:
    """Whoever has been stopped by it once more."""
    (doubt,) = of_quotas({SESSION: quota_of(53), "driver": quota_of(55)})
    assert "0.5 cores for the run was used up in 55 of 100" in doubt.text


def test_a_driver_that_uses_more_than_half_of_its_workers_cpu() -> None:
    """Where the driver executes the work itself, there are no workers to compare it with."""
    assert of_driver_cpu(0.5, 1.0) == []
    assert kinds(of_driver_cpu(0.51, 1.0)) == ["driver-heavy"]
    assert of_driver_cpu(1.0, 0.0) == []


def test_a_process_that_the_kernel_killed_is_a_doubt() -> None:
    """Where it reports that at all."""
    still = Machine(seconds=1.0, cpus=1, others_cpu_s=0.0, steal_s=0.0, oom_kills=0)
    assert (
        of_oom_kills(still) == of_oom_kills(None) == of_oom_kills(msgspec.structs.replace(still, oom_kills=None)) == []
    )
    assert kinds(of_oom_kills(msgspec.structs.replace(still, oom_kills=2))) == ["out-of-memory"]
