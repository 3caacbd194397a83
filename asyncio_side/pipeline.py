"""asyncio: three awaits, one after the other."""

from typing import Any

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide


async def pipeline(session: aiohttp.ClientSession, order: int, base_url: str, query: str) -> Any:
    """Fetch the order, look up its customer's discount, store the invoice."""
    async with session.get(f"{base_url}/orders/{order}{query}") as response:
        customer = (await response.json())["customer"]
    async with session.get(f"{base_url}/customers/{customer}{query}") as response:
        discount = (await response.json())["discount"]
    invoice = {"order": order, "customer": customer, "discount": discount}
    async with session.post(f"{base_url}/invoices{query}", json=invoice) as response:
        return await response.json()


SIDE = AsyncioSide(run=pipeline, resources=http_session)
