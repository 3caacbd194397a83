"""Celery: fetch a feed with a kept-alive client, one per worker process."""

from functools import cache

import requests
from requests.adapters import HTTPAdapter

from celery_side.app import app
from celery_side.http import CONNECTIONS, StatusError, pool_manager
from workloads.computing import compute
from workloads.side import CelerySide


@cache
def session() -> requests.Session:
    """The process's requests session, as most applications write it; threads may share it where no cookies are set."""
    shared = requests.Session()
    for scheme in ("http://", "https://"):
        shared.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return shared


@app.task(name="http_date")
def http_date(url: str, client: str, cpu_s: float = 0.0) -> str:
    """Fetch `url`, read the whole body, compute, reply with the Date header."""
    date = _with_requests(url) if client == "requests" else _with_urllib3(url)
    compute(cpu_s)
    return date


def _with_requests(url: str) -> str:
    response = session().get(url, timeout=300)
    response.raise_for_status()
    return response.headers["Date"]


def _with_urllib3(url: str) -> str:
    reply = pool_manager().request("GET", url)
    if reply.status != 200:
        raise StatusError("GET", url, reply.status)
    return reply.headers["Date"]


SIDE = CelerySide(task=http_date)
