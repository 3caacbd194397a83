"""Celery: psycopg 3 with a connection pool to `DATABASE_URL` in each worker process."""

import os

from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from celery_side.app import app
from celery_side.process import Shared, slots
from workloads.promises import POSTGRES_CONNECTIONS
from workloads.side import CelerySide


def _pool() -> ConnectionPool:
    """One connection per slot of the process, up to the limit; a prefork child has one slot."""
    size = min(slots(), POSTGRES_CONNECTIONS)
    return ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=size, open=True)


pool = Shared(_pool, ConnectionPool.close)


@app.task(name="sql_query")
def sql_query(schema: str, customer: int, slow_s: float) -> str:
    """Read a customer's name and store a visit in one transaction; return the name."""
    with pool.get().connection() as connection:  # commits at its end
        read = SQL("SELECT name FROM {} WHERE id = %s").format(Identifier(schema, "customer"))
        row = connection.execute(read, [customer]).fetchone()
        if row is None:
            raise LookupError(f"no customer {customer}")
        store = SQL("INSERT INTO {} (customer) VALUES (%s)").format(Identifier(schema, "visit"))
        connection.execute(store, [customer])
        if slow_s:
            connection.execute("SELECT pg_sleep(%s)", [slow_s])
        return str(row[0])


SIDE = CelerySide(task=sql_query)
