"""Celery: the task's rate_limit, which every worker keeps for itself; or a bucket in Redis that all of them share."""

import hashlib
import time
from typing import Any

from celery.backends.redis import RedisBackend
from celery.exceptions import ImproperlyConfigured

from celery_side.app import app
from celery_side.http import StatusError, get_json
from celery_side.replies import reply_of
from workloads.promises import TOO_MANY_REQUESTS
from workloads.side import CelerySide

KEPT_S = 60
"""A bucket that nobody has used for so long is full anyway, and is forgotten."""
TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', ARGV[3])
return math.max(0, full - ARGV[1] * ARGV[2] - now)
"""
"""Takes the next token: in how many microseconds it is there. Each caller has its own, in the order of asking."""


@app.task(bind=True, name="rate_limited", max_retries=None)
def rate_limited(self: Any, url: str, limiter: str, allowed_per_s: float, burst: int, attempts: int) -> dict[str, Any]:
    """Call it, with a token of the shared bucket if there is one; after a refusal, again when the service says."""
    if limiter == "shared":
        wait_for_token(url, allowed_per_s, burst)
    try:
        get_json(url)
    except StatusError as error:
        if error.status != TOO_MANY_REQUESTS or self.request.retries + 1 >= attempts:
            raise
        raise self.retry(exc=error, countdown=error.retry_after_s or 0.0) from error
    return {"refused": self.request.retries, "executor": self.request.hostname}


def wait_for_token(url: str, allowed_per_s: float, burst: int) -> None:
    """Holds the slot meanwhile. The bucket is of the service without its query, in the Redis that stores results."""
    each_us = round(1e6 / allowed_per_s)
    kept_ms = 1000 * KEPT_S + burst * each_us // 1000
    backend: Any = app.backend
    if not isinstance(backend, RedisBackend):
        raise ImproperlyConfigured("a shared limiter is a bucket in the Redis that stores results, and none does")
    wait_us = backend.client.eval(TAKE, 1, bucket_of(url), each_us, burst, kept_ms)
    time.sleep(wait_us / 1e6)


def bucket_of(url: str) -> str:
    """Its key: among those of this application, where several share a Redis, and without what the URL may hold."""
    shared = app.conf.get("result_backend_transport_options") or {}
    service = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()[:16]
    return f"{shared.get('global_keyprefix', '')}rate_limited:{service}"


told: set[str] = set()
"""Limits that this process has told the workers."""


async def request(url: str, limiter: str, allowed_per_s: float, burst: int, attempts: int) -> dict[str, Any]:
    """Tell the workers the limit once, as one would in an application that reads it from its settings; then publish."""
    limit = f"{allowed_per_s:g}/s" if limiter == "own" else "0"
    if limit not in told:
        app.control.rate_limit("rate_limited", limit)
        told.add(limit)
    reply: dict[str, Any] = await reply_of(rate_limited.delay(url, limiter, allowed_per_s, burst, attempts))
    return reply


SIDE = CelerySide(task=rate_limited, request=request, several=True)
