"""Celery: a task a mirror; whoever asks takes the first result, and has those revoked that have not begun."""

import asyncio
from typing import Any

from celery_side.app import app
from celery_side.http import get_json


@app.task(name="first_response")
def first_response(url: str) -> int:
    """Ask one mirror."""
    mirror: int = get_json(url)["mirror"]
    return mirror


async def request(caller: Any, urls: list[str]) -> int:
    """Who asks: `caller.publish` gives a future of a task's result, `caller.revoke` revokes tasks by their futures."""
    asked = {caller.publish(first_response.s(url)) for url in urls}
    try:
        while asked:
            done, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            good = [task for task in done if task.exception() is None]
            if good:
                mirror: int = good[0].result()
                return mirror
    finally:
        if asked:
            caller.revoke(asked)
    raise RuntimeError("no mirror gave a good answer")
