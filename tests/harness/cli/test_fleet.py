"""Who waits for runs, as a table."""

from typing import Any

import pytest
import typer

from harness.cli import fleet as module
from harness.cli.fleet import HEADINGS, notes, row, table
from harness.contenders.celery.fleet.members import Member, members_of
from harness.services.brokers.broker import broker_url

HELD = {"run": "", "holder": "", "busy": 0, "instance": "i"}
WORKER: dict[str, Any] = {
    "host": "far",
    "cpus": 2.5,
    "boot_id": "b",
    "runs": {"python": "cpython 3.13", "celery": "5.7.0", "sources": "0123"},
    "effective": {"pool": "prefork", "slots": 16},
    "held": HELD,
}


def member(**changes: Any) -> Member:
    """A worker that waits, with something changed."""
    (one,) = members_of({"w@far": WORKER | changes}).values()
    return one


def test_each_has_a_row_with_the_run_that_has_leased_it() -> None:
    """And when that run was last heard of."""
    free = ("w@far", "far", "prefork", "16", "2.5", "cpython 3.13", "5.7.0", "0123", "0", "free")
    assert row(member()) == free
    held = HELD | {"run": "r:abcdef", "holder": "r:abcdef (near, process 7)", "busy": 3, "silent_s": 2.4}
    assert row(member(held=held))[-2:] == ("3", "r:abcdef (near, process 7), last heard 2 s ago")
    assert row(member(effective={}))[2:4] == ("driver", "")
    assert len(free) == len(HEADINGS)


def test_columns_stand_side_by_side() -> None:
    """As wide as their widest cell."""
    head, line = table([HEADINGS, row(member())])
    assert head.index("leased by") == line.index("free")


def test_one_that_a_run_from_here_would_refuse_is_said() -> None:
    """With the difference."""
    assert notes(member(), {"celery": "5.7.0"}) == []
    assert notes(member(), {"celery": "5.6.0"}) == [
        "w@far differs from this installation: celery is '5.7.0' there and '5.6.0' here"
    ]


@pytest.mark.parametrize(("waits_on", "status"), [("12", 0), ("1", 3), ("2", 3), ("", 3)])
def test_a_broker_without_anyone_is_seen_wherever_it_stands(
    waits_on: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only the last one."""

    async def there(place: Any) -> list[Member]:
        return [member()] if str(place.url)[-1] in waits_on else []

    monkeypatch.setattr("harness.services.brokers.broker.check_broker", lambda _: None)
    monkeypatch.setattr(module, "_there", there)
    with pytest.raises(typer.Exit) as ended:
        module.fleet([broker_url("redis://nowhere/1"), broker_url("redis://nowhere/2")])
    assert ended.value.exit_code == status
