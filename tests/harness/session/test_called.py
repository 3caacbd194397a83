"""The services that both sides call."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness import registry
from harness.services.origin import Origin, origin_url
from harness.services.postgres import postgres_url
from harness.session import called
from harness.session.called import CalledServices
from tests.harness.session.doubles import options_of, plan_of


class PostgresDouble:
    """One that answers nowhere."""

    def __init__(self) -> None:
        self.url = postgres_url("postgresql://user:secret@nowhere/db")
        self.schema = "workbench_1"
        self.made: list[str] = []

    async def make(self, tables: str) -> None:
        """Keep it."""
        self.made.append(tables)


THERE = origin_url("http://x")


def services_of(**options: Any) -> CalledServices:
    """Nothing is open yet."""
    return CalledServices(options_of(**options), Path)


@pytest.mark.parametrize(
    ("options", "ours"),
    [({}, True), ({"origin_url": THERE}, False), ({"origin_url": THERE, "external": True}, True)],
)
def test_an_origin_is_somebodys_where_it_was_named_and_workers_are_the_runs_own(
    options: dict[str, Any], ours: bool
) -> None:
    """Workers of a cluster have the workbench's origin beside them."""
    assert services_of(**options).for_work.origin_is_ours is ours


def test_the_work_is_told_where_the_origin_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it has started."""
    asked: list[Any] = []

    async def opened(*arguments: Any, **options: Any) -> Origin:
        asked.append((arguments, options))
        return Origin(origin_url("http://127.0.0.1:8000"), None, None, ours=True)

    monkeypatch.setattr(called, "open_origin", opened)
    services = services_of(seed=3, origin_processes=2)
    assert services.called_by("http_date") is None
    asyncio.run(services.open_origin())
    assert services.for_work.origin_url == "http://127.0.0.1:8000"
    assert services.called_by("http_date") in services.opened()
    assert services.called_by("sleep") is None
    assert asked == [((None, 3, Path("origin"), 2), {"ours": False})]


def test_a_postgres_has_the_tables_of_all_that_need_it_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work finds it in its environment, where no message carries the password."""
    postgres = PostgresDouble()

    async def opened(url: str | None, log: Path) -> PostgresDouble:
        return postgres

    monkeypatch.setattr(called, "open_postgres", opened)
    services = services_of()
    needing = [plan_of("a", workload="sql_query"), plan_of("b", workload="sql_query", load="closed:1")]
    assert asyncio.run(services.open_postgres(needing)) is None
    assert postgres.made == [registry.load("workload", "sql_query").tables]
    assert services.env == {"DATABASE_URL": postgres.url.reveal()}
    assert services.for_work.postgres_schema == "workbench_1"
    found: Any = services.called_by("sql_query")
    assert found is postgres


def test_where_there_is_no_postgres_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that was given nor one to start."""

    async def opened(url: str | None, log: Path) -> None:
        return None

    monkeypatch.setattr(called, "open_postgres", opened)
    services = services_of()
    assert "--postgres URL" in (asyncio.run(services.open_postgres([])) or "")
    assert services.env == {}
    assert services.opened() == []
