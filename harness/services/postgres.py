"""PostgreSQL for workloads that need it: a given server, or one that the run starts, with a schema for the run."""

import contextlib
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import ServiceError, UsageError, unknown
from harness.machine.lifetime import is_dead, owner
from harness.machine.usage import Reading, read_tree
from harness.services.calls import ANSWER_LIMIT_S, ask
from harness.services.causes import Peer
from harness.services.servers.postgres import OwnPostgres, find_binaries
from harness.services.url import Url

EXAMPLE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
VARIABLE = "DATABASE_URL"
"""The environment variable in which the sides find its URL, as applications do; so messages contain no password."""
OPTIONS = frozenset(
    (
        *(
            "application_name",
            "channel_binding",
            "client_encoding",
            "connect_timeout",
            "dbname",
            "fallback_application_name",
        ),
        *("gssencmode", "gsslib", "host", "hostaddr", "keepalives", "keepalives_count", "keepalives_idle"),
        *("keepalives_interval", "krbsrvname", "load_balance_hosts", "options", "passfile", "password", "port"),
        *("require_auth", "service", "sslcert", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey"),
        *("sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "sslsni", "ssl_max_protocol_version"),
        *("ssl_min_protocol_version", "target_session_attrs", "tcp_user_timeout", "user"),
    )
)
"""Those of libpq's connection strings (PostgreSQL 17, section 32.1.2)."""
SCHEMA = re.compile(r"workbench_[0-9a-f]{8}")
SCHEMAS = """
    SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace
    WHERE nspname LIKE 'workbench\\_%' AND pg_has_role(nspowner, 'USAGE')
"""
"""Of runs, with the process that made each (see `harness.machine.lifetime`)."""
CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state_change > now() - interval '1 second'
"""

LEFT = """
    SELECT least(
        current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL)
            - CASE WHEN role.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int
                + CASE WHEN EXISTS (
                    SELECT FROM pg_roles WHERE rolname = 'pg_use_reserved_connections'
                        AND pg_has_role(session_user, oid, 'USAGE')
                ) THEN 0 ELSE coalesce(current_setting('reserved_connections', true), '0')::int END END,
        CASE WHEN role.rolsuper OR role.rolconnlimit < 0 THEN NULL ELSE role.rolconnlimit
            - (SELECT count(*) FROM pg_stat_activity WHERE usename = session_user) END,
        CASE WHEN role.rolsuper OR base.datconnlimit < 0 THEN NULL ELSE base.datconnlimit
            - (SELECT count(*) FROM pg_stat_activity WHERE datid = base.oid) END
    ) + 1
    FROM pg_roles role, pg_database base WHERE role.rolname = session_user AND base.datname = current_database()
"""
"""Connections that may still be made, by the limits of server, role and database; the one that asks is over by then."""


class Postgres:
    """A PostgreSQL with a schema that is dropped at the end.

    What is no coroutine blocks, and raises what psycopg raises.
    """

    def __init__(self, url: Url, server: OwnPostgres | None) -> None:
        self.url = url
        self.schema = f"workbench_{secrets.token_hex(4)}"
        self.is_ours = server is not None
        self._server = server
        self._is_made = False
        self.peer = Peer(
            f"the PostgreSQL at {url}", "PostgreSQL", (url,), credentials=EXAMPLE, otherwise=" Is --postgres right?"
        )

    async def make(self, tables: str) -> None:
        """Make the schema, with those tables in it; raises ServiceError if that fails."""
        if not self.is_ours:
            await ask(self.peer, self._drop_dead)
        whose = f"COMMENT ON SCHEMA {self.schema} IS '{owner()}'"
        create = f"CREATE SCHEMA {self.schema}; {whose}; SET search_path TO {self.schema}; {tables}"
        await ask(self.peer, self._execute, create)
        self._is_made = True

    def _drop_dead(self) -> None:
        """Drop the schemas that killed runs of this machine left."""
        for name, whose in self._execute(SCHEMAS).fetchall():
            if SCHEMA.fullmatch(name) and whose and is_dead(whose):
                self._execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def _execute(self, sql: str) -> Any:
        import psycopg

        limit_s = int(ANSWER_LIMIT_S)
        with psycopg.connect(self.url.reveal(), connect_timeout=limit_s, autocommit=True) as connection:
            return connection.execute(sql)

    @property
    def is_own(self) -> bool:
        """Whether the run started it."""
        return self._server is not None

    def answer(self) -> None:
        """Return if it answers now."""
        self._execute("SELECT 1")

    def reading(self, memory: bool) -> Reading | None:
        """Usage of its whole process tree; None if it is not the run's own."""
        if self._server is None or self._server.pid is None:
            return None
        usage = read_tree(self._server.pid, memory=memory)
        return msgspec.structs.replace(usage, connections=self._connections()) if memory else usage

    def connections_left(self) -> int | None:
        """How many more may be made; None where it is one that does not say."""
        import psycopg

        try:
            return int(self._execute(LEFT).fetchone()[0])
        except (psycopg.ProgrammingError, psycopg.NotSupportedError):
            return None

    def _connections(self) -> int:
        """Those that were used within the last second, except the one that asks."""
        return int(self._execute(CONNECTIONS).fetchone()[0])

    def gone(self) -> str | None:
        """How it ended; None while it runs, or where it is not the run's own."""
        return self._server.gone() if self._server else None

    def stopped(self) -> str | None:
        """Which process of the run's own a signal has stopped; None if none, or where it is given."""
        return self._server.stopped() if self._server else None

    async def stop(self, grace_s: float) -> None:
        """Drop the schema from a given server; end one of the run's own."""
        if self._server is not None:
            await self._server.stop(grace_s)
        if not self._is_made or self._server is not None:
            return
        drop = f"DROP SCHEMA IF EXISTS {self.schema} CASCADE"
        with contextlib.suppress(ServiceError):  # where it is gone, so is the schema
            await ask(self.peer, self._execute, drop)


async def open_postgres(url: Url | None, log: Path) -> Postgres | None:
    """The one at `url`, else one of the run's own; None if there is neither.

    Raises ServiceError where the server does not start.
    """
    if url is not None:
        return Postgres(url, None)
    binaries = find_binaries()
    if binaries is None:
        return None
    server = OwnPostgres(binaries, log)
    try:
        await server.start()
    except BaseException:
        await server.stop(0)
        raise
    return Postgres(server.url, server)


def postgres_url(text: str, option: str = "--postgres") -> Url:
    """The URL of a PostgreSQL; raises UsageError for what it would not take."""
    url = Url.parse(text, option, EXAMPLE)
    if url.scheme not in ("postgresql", "postgres"):
        raise UsageError(f"{option} {url}: expected a URL such as {EXAMPLE}.")
    for name in url.options:
        if name not in OPTIONS:
            raise unknown("option", name[:64], f"{option} {url}", OPTIONS)
    return url
