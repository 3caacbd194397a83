"""From folded stacks to packages: what each thread's samples are worth, and to whom they belong."""

import pytest

from harness.accounting.profile import (
    HARNESS,
    JOB,
    PYTHON,
    STACKS_MOST,
    Places,
    Stack,
    Times,
    Weighted,
    most,
    package_of,
    role_profile,
    weighted,
)

PLACES = Places("/w", ("/home/me/shop/client.py",))
KOMBU = "publish (/v/lib/python3.11/site-packages/kombu/messaging.py:10)"
LOOP = "run_forever (/usr/lib/python3.11/asyncio/base_events.py:593)"
FOLDED = f"""\
thread (7): MainThread;{LOOP};{KOMBU} 30
thread (7): MainThread;{LOOP} 10
process 5:"python -m celery";process 8:"python -m celery; worker";thread (8): MainThread;{KOMBU} 5
thread (9): Idle;{LOOP} 400
not a stack
"""
TIMES = Times(2, {7: 2.0, 8: 1.0, 9: 0.0, 10: 1.0}, {7: 0.1, 8: 0.0, 9: 0.0, 10: 0.0})


def test_a_sample_is_worth_its_threads_cpu_divided_by_its_samples() -> None:
    """A thread that used none counts for nothing, however often it was seen; the sum is the CPU of the role."""
    found = weighted(FOLDED, TIMES)
    assert found.samples == 445
    assert found.stacks == pytest.approx({(LOOP, KOMBU): 2.0, (LOOP,): 2 / 3, (KOMBU,): 4 / 3})
    assert sum(found.stacks.values()) == pytest.approx(4.0)


def test_shares_are_by_the_package_of_the_innermost_function() -> None:
    """The largest first; they add up to 1."""
    profile = role_profile(weighted(FOLDED, TIMES), TIMES, PLACES)
    assert profile.packages == pytest.approx({"kombu": 5 / 6, "asyncio": 1 / 6})
    assert list(profile.packages) == ["kombu", "asyncio"]
    assert (profile.processes, profile.cpu_s) == (2, 4.0)
    assert profile.waiting_s == pytest.approx(0.1)


def test_without_samples_there_is_nothing() -> None:
    """Of threads that nobody saw."""
    assert weighted("", TIMES) == Weighted(0, {})


@pytest.mark.parametrize(
    ("file", "package"),
    [
        ("/v/lib/python3.13t/site-packages/redis/connection.py:1", "redis"),
        ("/v/lib/python3.11/site-packages/six.py:1", "six"),
        ("/usr/lib/python3/dist-packages/kombu/utils/json.py:1", "kombu"),
        ("/v/lib/python3.11/site-packages/harness/driver/driver.py:1", HARNESS),
        ("/v/lib/python3.11/site-packages/celery_side/tasks/noop.py:1", JOB),
        ("/usr/lib/python3.11/json/encoder.py:1", "json"),
        ("/usr/lib/python3.11/selectors.py:451", PYTHON),
        ("/root/.pyenv/versions/3.11.7/lib/python3.11/asyncio/events.py:78", "asyncio"),
        ("<frozen importlib._bootstrap>:1", PYTHON),
        ("/w/harness/driver/driver.py:1", HARNESS),
        ("/w/asyncio_side/noop.py:1", JOB),
        ("/w/workloads/computing.py:3", JOB),
        ("/home/me/shop/client.py:4", JOB),
        ("/somewhere/harness/theirs.py:4", JOB),
    ],
)
def test_code_belongs_to_a_package_the_harness_the_job_or_python(file: str, package: str) -> None:
    """By the place of its file."""
    assert package_of(f"<listcomp>.f (x) ({file})", PLACES) == package


def test_a_job_that_is_installed_is_the_job() -> None:
    """Where its functions are known to be."""
    installed = Places("/w", ("/v/lib/python3.11/site-packages/shop",))
    assert package_of("f (/v/lib/python3.11/site-packages/shop/tasks.py:1)", installed) == JOB
    assert package_of("f (/v/lib/python3.11/site-packages/shopping/tasks.py:1)", installed) == "shopping"


def test_rare_stacks_are_cut_and_not_lost() -> None:
    """All shares add up to 1."""
    many: dict[Stack, float] = {
        (LOOP, f"f{number} (/w/harness/a.py:1)"): 1.0 + number for number in range(STACKS_MOST + 50)
    }
    stacks = most({"driver": Weighted(1, many), "workers": Weighted(1, {(KOMBU,): 500.0})}, PLACES)
    assert sum(share for _, share in stacks) == pytest.approx(1.0)
    assert len(stacks) == STACKS_MOST + 1
    assert dict(stacks)["driver;asyncio: run_forever"] == pytest.approx(sum(range(1, 52)) / (500 + sum(many.values())))
    assert stacks[0][0] == "workers;kombu: publish"
