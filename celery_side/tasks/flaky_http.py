"""Celery: the HTTP client has the time limit; the task publishes itself again, to be executed after the backoff."""

import json
import random
from typing import Any

import urllib3

from celery_side.app import app
from celery_side.http import get_json

PASSING = (urllib3.exceptions.HTTPError, RuntimeError, json.JSONDecodeError)


@app.task(bind=True, name="flaky_http", max_retries=None)
def flaky_http(self: Any, url: str, attempts: int, limit_s: float, backoff_s: float) -> dict[str, Any]:
    """Ask until there is a good answer; reply with it and the attempts that it took."""
    number = self.request.retries + 1
    try:
        return {"status": get_json(f"{url}&attempt={number}", limit_s)["status"], "attempts": number}
    except PASSING as error:
        if number >= attempts:
            return {"status": "gave up", "attempts": attempts}
        raise self.retry(exc=error, countdown=random.uniform(0, backoff_s * 2 ** (number - 1))) from error
