"""PostgreSQL: a server of the run's own, a schema of its own in a given one, no password shown."""

from pathlib import Path

import psycopg
import pytest

from harness.errors import ServiceError, UsageError
from harness.services import postgres
from harness.services.postgres import Postgres, open_postgres, postgres_url
from harness.services.url import Url

needs_server = pytest.mark.usefixtures("postgres_server")


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    """What a query gives."""
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


@needs_server
async def test_a_run_has_a_schema_of_its_own_and_leaves_nothing_in_a_given_server(tmp_path: Path) -> None:
    """Its own server goes with its data."""
    own = await open_postgres(None, tmp_path / "log")
    assert own is not None
    server = own._server
    assert server is not None
    try:
        given = Postgres(own.url, None)
        assert not given.is_ours
        assert given.reading(memory=True) is None
        await given.make("CREATE TABLE t (n integer); INSERT INTO t VALUES (7);")
        assert rows(own.url.reveal(), f"SELECT n FROM {given.schema}.t") == [(7,)]
        assert rows(own.url.reveal(), "SELECT to_regclass('public.t')") == [(None,)]
        await given.stop(1)
        assert rows(own.url.reveal(), f"SELECT to_regnamespace('{given.schema}')") == [(None,)]
        first = own.reading(memory=True)
        assert first is not None
        assert first.processes > 3
        assert first.memory_mb
        with pytest.raises(ServiceError) as told:
            await own.make("CREATE TABLE broken (")
        assert own.url.reveal().split(":")[2].split("@")[0] not in str(told.value)
        assert "***" in str(told.value)
    finally:
        await own.stop(2)
    assert own.gone() is not None
    assert not server._folder.exists()


@needs_server
async def test_connections_that_are_left_are_those_of_the_narrowest_limit(tmp_path: Path) -> None:
    """Of server, role and database; those in use count."""
    own = await open_postgres(None, tmp_path / "log")
    assert own is not None
    try:
        with psycopg.connect(own.url.reveal(), autocommit=True) as connection:
            most = own.connections_left()
            assert most is not None
            assert 300 < most < 400
            connection.execute(f"CREATE ROLE few LOGIN PASSWORD '{own.schema}' CONNECTION LIMIT 7".encode())
            few = Postgres(
                Url("postgresql", own.url.host, own.url.port, "/postgres", user="few", password=own.schema), None
            )
            assert few.connections_left() == 7
            connection.execute("ALTER DATABASE postgres CONNECTION LIMIT 5")
            assert few.connections_left() == 4
    finally:
        await own.stop(2)


async def test_without_any_server_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session skips the cells that need it."""
    monkeypatch.setattr(postgres, "find_binaries", lambda: None)
    assert await open_postgres(None, tmp_path / "log") is None


def test_a_url_of_another_kind_is_bad_usage() -> None:
    """No password is shown."""
    with pytest.raises(UsageError, match="expected a URL such as postgresql://") as told:
        postgres_url("mysql://me:sesame@h/db")
    assert "sesame" not in str(told.value)
