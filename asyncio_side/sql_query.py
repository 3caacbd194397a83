"""asyncio: psycopg 3 with a connection pool to `DATABASE_URL`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

from workloads.promises import POSTGRES_CONNECTIONS
from workloads.side import AsyncioSide


@asynccontextmanager
async def resources(slots: int | None) -> AsyncIterator[AsyncConnectionPool]:
    """One pool for all requests, with one connection per slot, up to the limit."""
    size = min(slots or POSTGRES_CONNECTIONS, POSTGRES_CONNECTIONS)
    async with AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=size, open=False) as pool:
        yield pool


async def sql_query(pool: AsyncConnectionPool, schema: str, customer: int, slow_s: float) -> str:
    """Read a customer's name and store a visit in one transaction; return the name."""
    async with pool.connection() as connection:  # commits at its end
        read = SQL("SELECT name FROM {} WHERE id = %s").format(Identifier(schema, "customer"))
        row = await (await connection.execute(read, [customer])).fetchone()
        if row is None:
            raise LookupError(f"no customer {customer}")
        store = SQL("INSERT INTO {} (customer) VALUES (%s)").format(Identifier(schema, "visit"))
        await connection.execute(store, [customer])
        if slow_s:
            await connection.execute("SELECT pg_sleep(%s)", [slow_s])
        return str(row[0])


SIDE = AsyncioSide(run=sql_query, resources=resources)
