"""Celery: fetch a feed with a kept-alive client, one per worker process."""

import requests
from requests.adapters import HTTPAdapter

from celery_side.app import app
from celery_side.http import answer_to
from celery_side.process import Shared, slots
from workloads.computing import compute
from workloads.promises import ANSWER_S, CONNECT_S, MOST_REDIRECTS
from workloads.side import CelerySide


def _session() -> requests.Session:
    """A session as most applications create it; threads may share it if no cookies are set."""
    shared = requests.Session()
    shared.max_redirects = MOST_REDIRECTS
    shared.trust_env = False  # as aiohttp and urllib3, which use no proxy of the environment
    for scheme in ("http://", "https://"):
        shared.mount(scheme, HTTPAdapter(pool_maxsize=slots()))
    return shared


session = Shared(_session, requests.Session.close)


@app.task(name="http_date")
def http_date(url: str, client: str, cpu_s: float = 0.0) -> str:
    """Fetch `url`, read the whole body, compute; return the Date header."""
    date = _with_requests(url) if client == "requests" else _with_urllib3(url)
    compute(cpu_s)
    return date


def _with_requests(url: str) -> str:
    # requests limits each read; it has no limit for the whole answer.
    response = session.get().get(url, timeout=(CONNECT_S, ANSWER_S))
    response.raise_for_status()
    return response.headers["Date"]


def _with_urllib3(url: str) -> str:
    with answer_to("GET", url) as answer:
        answer.body()
    return answer.headers["Date"]


SIDE = CelerySide(task=http_date)
