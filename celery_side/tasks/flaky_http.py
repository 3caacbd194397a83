"""Celery: the HTTP client enforces the time limit; the task retries itself, with the backoff as countdown."""

import random
from typing import Any

from celery_side.app import app
from celery_side.http import BadAnswer, NoAnswer, StatusError, get_json
from workloads.promises import most_backoff_s, status_may_pass
from workloads.side import CelerySide


def may_pass(error: Exception) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, StatusError):
        return status_may_pass(error.status)
    return isinstance(error, NoAnswer | BadAnswer)


@app.task(bind=True, name="flaky_http", max_retries=None)
def flaky_http(self: Any, url: str, attempts: int, limit_s: float, backoff_s: float) -> dict[str, Any]:
    """Retry until there is a good answer; return it with the number of attempts."""
    number = self.request.retries + 1
    try:
        return {"status": get_json(f"{url}&attempt={number}", limit_s)["status"], "attempts": number}
    except Exception as error:
        if not may_pass(error):
            raise
        if number >= attempts:
            return {"status": "gave up", "attempts": attempts}
        wait_s = random.uniform(0, most_backoff_s(backoff_s, number))
        raise self.retry(exc=error, countdown=wait_s) from error


SIDE = CelerySide(task=flaky_http, several=True)
