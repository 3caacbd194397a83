"""Celery: one task per mirror; the caller takes the first good result and revokes the tasks that have not begun."""

import asyncio

from celery_side.app import app
from celery_side.http import get_json
from celery_side.replies import reply_of
from workloads.side import CelerySide


@app.task(name="first_response")
def first_response(url: str) -> int:
    """Call one mirror; return its number."""
    mirror: int = get_json(url)["mirror"]
    return mirror


async def request(urls: list[str]) -> int:
    """Publish a task for each mirror, and return the first good result; called in the caller's event loop."""
    asked = {reply_of(result): result.id for result in [first_response.delay(url) for url in urls]}
    waiting = set(asked)
    errors = []
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for reply in done:
                if (error := reply.exception()) is None:
                    mirror: int = reply.result()
                    return mirror
                errors.append(error)
    finally:
        if waiting:
            app.control.revoke([asked[reply] for reply in waiting])
        for reply in waiting:
            reply.cancel()
    raise BaseExceptionGroup("no mirror gave a good answer", errors)


SIDE = CelerySide(task=first_response, request=request)
