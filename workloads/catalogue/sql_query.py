"""sql_query: an indexed read and an insert in one transaction, as most requests of a web application are."""

import random
from typing import Annotated, Any

from msgspec import Meta

from workloads.workload import Figures, Params, Payload, Workload

CUSTOMERS = 10_000


class SqlQueryParams(Params, frozen=True, kw_only=True):
    """Settings of `sql_query`."""

    slow_ms: Annotated[
        float, Meta(ge=0, le=60_000, description="how long the query takes beside (pg_sleep), in milliseconds")
    ] = 20.0


class SqlQuery(Workload[SqlQueryParams]):
    """Each slot needs a connection while its transaction lasts: PostgreSQL has 100 of them by default.

    Both sides have psycopg 3 and its pool; a prefork worker has a pool a process.
    """

    summary = "an indexed read and an insert in one transaction of PostgreSQL"
    in_practice = "the handler of most web applications; with `slow_ms`, the report that takes its time"
    look_at = "`connections`: each slot needs one while its transaction lasts, whatever the side"
    Params = SqlQueryParams
    needs = frozenset({"postgres"})
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
        """That customer's name; the visit was stored, else the transaction would have raised."""
        expected = f"customer {payload['customer']}"
        return None if reply == expected else f"expected {expected!r}, got {reply!r}"

    def derive(self, figures: Figures) -> dict[str, float]:
        """Connections that were in use."""
        return {} if figures.connections is None else {"connections": figures.connections}

    @property
    def ideal_s(self) -> float:
        """The wait within the transaction."""
        return self.params.slow_ms / 1000


WORKLOAD = SqlQuery
