"""sql_query: an indexed read and an insert in one transaction, as most requests of a web application are."""

import random
from typing import Annotated, Any

from msgspec import Meta

from workloads.promises import POSTGRES_CONNECTIONS
from workloads.workload import Figures, Params, Payload, Places, Workload

CUSTOMERS = 10_000


class SqlQueryParams(Params, frozen=True, kw_only=True):
    """Settings of `sql_query`."""

    slow_ms: Annotated[float, Meta(ge=0, le=60_000, description="additional time that the query takes (pg_sleep)")] = (
        20.0
    )


class SqlQuery(Workload[SqlQueryParams]):
    """Both sides use psycopg 3 and its pool, a prefork worker one for each process.

    PostgreSQL allows 100 connections by default.
    """

    summary = "an indexed read and an insert in one transaction of PostgreSQL"
    in_practice = "the handlers of most web applications; with `slow_ms`, a slow report"
    look_at = "`connections`: each slot needs one during its transaction"
    Params = SqlQueryParams
    needs = frozenset({"postgres"})
    waits = frozenset({"slow_ms"})
    tables = """
        CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL);
        INSERT INTO customer SELECT i, 'customer ' || i FROM generate_series(0, :last) AS i;
        CREATE TABLE visit (
            id bigserial PRIMARY KEY, customer integer NOT NULL REFERENCES customer, at timestamptz DEFAULT now()
        );
    """.replace(":last", str(CUSTOMERS - 1))

    def payload(self, number: int) -> Payload:
        """Which customer, drawn from the seed."""
        customer = random.Random(f"{self.seed}:{number}").randrange(CUSTOMERS)
        return {
            "schema": self.services.postgres_schema,
            "customer": customer,
            "slow_s": self.params.slow_ms / 1000,
        }

    def check(self, payload: Payload, reply: Any) -> str | None:
        """The reply is that customer's name; if the visit had not been stored, the transaction would have raised."""
        expected = f"customer {payload['customer']}"
        return None if reply == expected else f"expected {expected!r}, got {reply!r}"

    def at_once(self, side: str, slots: int | None) -> Places | None:
        """The pool's connections, where there are fewer than slots: each transaction holds one."""
        if side != "asyncio" or (slots is not None and slots <= POSTGRES_CONNECTIONS):
            return None
        return Places("connections", POSTGRES_CONNECTIONS, self.ideal_s)

    def derive(self, figures: Figures) -> dict[str, float]:
        """Connections that were in use."""
        return {} if figures.connections is None else {"connections": figures.connections}

    @property
    def ideal_s(self) -> float:
        """The wait within the transaction."""
        return self.params.slow_ms / 1000


WORKLOAD = SqlQuery
