"""Celery: psycopg 3 with a pool of connections a worker process; `DATABASE_URL` says where."""

import os

from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool

from celery_side.app import app
from celery_side.process import Shared, slots
from workloads.promises import POSTGRES_CONNECTIONS
from workloads.side import CelerySide


def _pool() -> ConnectionPool:
    """A connection a slot, up to the limit: one in a process of prefork."""
    size = min(slots(), POSTGRES_CONNECTIONS)
    return ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=size, open=True)


pool = Shared(_pool, ConnectionPool.close)


@app.task(name="sql_query")
def sql_query(schema: str, customer: int, slow_s: float) -> str:
    """Read a customer's name, store the visit; reply with the name."""
    with pool.get().connection() as connection:  # a transaction: committed at its end
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
