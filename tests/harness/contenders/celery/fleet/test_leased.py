"""Commands of a lease, as they arrive: whoever is on the broker can send them."""

from typing import Any

import pytest

from harness.contenders.celery.fleet.leased import is_of_run

RUN, HOLDER = "20261126-quick:0a1b2c", "20261126-quick:0a1b2c (host, process 7)"


def test_a_run_may_name_queues_of_its_own() -> None:
    """Below its name; or none."""
    assert is_of_run(RUN, HOLDER, f"{RUN}:celery-prefork-16")
    assert is_of_run(RUN, HOLDER, "")


@pytest.mark.parametrize(
    ("run", "holder", "queue"),
    [
        (RUN, HOLDER, "celery"),
        (RUN, HOLDER, "other:0a1b2c:celery-prefork-16"),
        (RUN, HOLDER, f"{RUN}:"),
        (RUN, HOLDER, f"{RUN}:a/b"),
        (RUN, HOLDER, f"{RUN}:a b"),
        (RUN, HOLDER, RUN),
        (RUN, HOLDER, ["celery"]),
        (RUN, "two\nlines", ""),
        (RUN, "", ""),
        (RUN, None, ""),
        ("", HOLDER, ""),
        ("a run", HOLDER, ""),
        ("run:zzzzzz", HOLDER, ""),
        ("r" * 300 + ":0a1b2c", HOLDER, ""),
        (7, HOLDER, ""),
    ],
)
def test_nothing_else_leases_a_worker_or_has_it_take_from_a_queue(run: Any, holder: Any, queue: Any) -> None:
    """No queue but a run's own, and no text that a terminal would interpret."""
    assert not is_of_run(run, holder, queue)
