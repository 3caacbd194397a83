"""Celery: the HTTP client has the time limit; the task publishes itself again, to be executed after the backoff."""

import random
from typing import Any

import urllib3

from celery_side.app import app
from celery_side.http import StatusError, get_json
from workloads.side import CelerySide

TOO_MANY = 429


def may_pass(error: Exception) -> bool:
    """Whether another attempt may go better."""
    if isinstance(error, StatusError):
        return error.status >= 500 or error.status == TOO_MANY
    return isinstance(error, urllib3.exceptions.HTTPError | ValueError)  # a JSONDecodeError is a ValueError


@app.task(bind=True, name="flaky_http", max_retries=None)
def flaky_http(self: Any, url: str, attempts: int, limit_s: float, backoff_s: float) -> dict[str, Any]:
    """Ask until there is a good answer; reply with it and the attempts that it took."""
    number = self.request.retries + 1
    try:
        return {"status": get_json(f"{url}&attempt={number}", limit_s)["status"], "attempts": number}
    except Exception as error:
        if not may_pass(error):
            raise
        if number >= attempts:
            return {"status": "gave up", "attempts": attempts}
        raise self.retry(exc=error, countdown=random.uniform(0, backoff_s * 2 ** (number - 1))) from error


SIDE = CelerySide(task=flaky_http, several=True)
