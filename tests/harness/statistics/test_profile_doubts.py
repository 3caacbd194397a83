"""A sampled row is doubted as such; and where its samples do not fit the time that there was."""

from harness.results.model import Profile, RoleProfile, Usages
from harness.statistics.profile_doubts import disagreement, of_profile
from tests.builders import usage_of


def role(samples: int, cpu_s: float, waiting_s: float | None = 0.0) -> RoleProfile:
    """A role that was sampled every 10 ms."""
    return RoleProfile(processes=1, samples=samples, cpu_s=cpu_s, waiting_s=waiting_s, packages={"kombu": 1.0})


def profile_of(**roles: RoleProfile) -> Profile:
    """Of these roles."""
    missing = {} if "workers" in roles else {"workers": "it ended"}
    return Profile(
        sampler="py-spy 0.4.3", period_ms=10.0, seconds=6.0, file="", roles=roles, missing=missing, stacks=[]
    )


def test_samples_are_held_against_the_time_that_threads_ran_or_waited() -> None:
    """To 5 %, and what chance explains; without the kernel's word nothing is known."""
    assert disagreement(role(10_000, 98.0, 1.0), 10.0) == 0.0
    assert disagreement(role(10_000, 60.0, 40.0), 10.0) == 0.0
    assert disagreement(role(10_000, 80.0), 10.0) == 100 / 80 - 1
    assert disagreement(role(25, 0.2), 10.0) == 0.0
    assert disagreement(role(10_000, 80.0, None), 10.0) is None


def test_every_sampled_row_is_doubted_as_profiled() -> None:
    """What is missing or does not fit is another doubt."""
    whole = profile_of(driver=role(600, 6.0), workers=role(60, 0.6))
    assert [doubt.kind for doubt in of_profile(whole, Usages())] == ["profiled"]
    _, incomplete = of_profile(profile_of(driver=role(900, 6.0)), Usages())
    assert incomplete.kind == "profile-incomplete"
    assert "no samples of workers: it ended" in incomplete.text
    assert "samples × period of driver are 9 s" in incomplete.text


def test_the_cpu_of_the_sampled_threads_is_that_of_the_role() -> None:
    """Within 5 % a second: else processes of it were not seen."""
    seen = profile_of(driver=role(600, 6.0), workers=role(60, 0.6))
    assert len(of_profile(seen, Usages(driver=usage_of(1.04), workers=usage_of(0.1)))) == 1
    (_, doubt) = of_profile(seen, Usages(driver=usage_of(1.2), workers=usage_of(0.1)))
    assert "the threads of driver that were sampled used 1 cores, and the role 1.2" in doubt.text
