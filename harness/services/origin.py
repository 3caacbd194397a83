"""The origin of a run: processes that the session starts, or the service given with `--origin`."""

import asyncio
import contextlib
import json
import math
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import urllib3

from harness.errors import ServiceError, UsageError
from harness.jobs.network import is_loopback
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_lines, python, spawn, stop_tree
from harness.machine.usage import Reading
from harness.services.calls import ANSWER_LIMIT_S, ask, ask_blocking
from harness.services.causes import Peer
from harness.services.fetching import fetched
from harness.services.servers.ports import free_port
from harness.services.url import Url
from origin.protocol import PROTOCOL, SERVICE

START_LIMIT_S = 15.0
RECOGNISE_LIMIT_S = 2.0
IDENTITY_MOST = 2**16
OK = 200
REMOTE_REQUESTS_MOST = 60
ADVICE = "Start one: python -m origin --host 0.0.0.0 --port 8000"


class Identity(msgspec.Struct, frozen=True):
    """What the workbench's origin says of itself (see `origin.identity`)."""

    service: str
    protocol: int
    version: str
    seed: int
    processes: int
    effective: dict[str, Any]
    """What a request with the parameters of the question would be given."""
    not_taken: list[str]
    """Those of the question that it does not know."""


class Origin:
    """The service to which the workloads send their requests."""

    def __init__(self, url: Url, process: asyncio.subprocess.Process | None, log: Path | None, *, ours: bool) -> None:
        self.url = url
        self.is_ours = ours
        self.peer = peer_of(url)
        self._process = process
        self._log = log
        self._http = urllib3.PoolManager(timeout=ANSWER_LIMIT_S, retries=False)

    def reading(self, memory: bool) -> Reading | None:
        """Its usage, by its own endpoint, with `count` the requests it served; None for a service that is not ours.

        It blocks, and raises what urllib3 and msgspec raise.
        """
        if not self.is_ours:
            return None
        _, body = fetched(self._http, "GET", f"{self.url.reveal()}/usage", fields={"memory": str(int(memory))})
        return msgspec.json.decode(body, type=Reading)

    def visits(self) -> dict[int, int]:
        """How often each key was visited in the last minutes, by the key's checksum; it blocks as `reading` does."""
        _, body = fetched(self._http, "GET", f"{self.url.reveal()}/visits")
        return msgspec.json.decode(body, type=dict[int, int])

    @property
    def is_own(self) -> bool:
        """Whether the run started it."""
        return self._process is not None

    def answer(self) -> None:
        """Return if it answers now; a service that is not ours is not asked. It blocks as `reading` does."""
        self.reading(memory=False)

    async def introduce(self) -> None:
        """Raise ServiceError unless the workbench's own origin answers there."""
        asked = self.peer._replace(otherwise=f" {ADVICE}")
        await ask(asked, _reach, self.url)
        if await ask(asked, _asked, self._http, self.url, {}) is None:
            raise ServiceError(f"no origin of the workbench answered at {self.url}. {ADVICE}")

    async def check_effective(self, params: dict[str, Any]) -> None:
        """Raise ServiceError if a request with these parameters would be given others; nothing where it is not ours."""
        if not self.is_ours:
            return
        identity = await ask(self.peer, _asked, self._http, self.url, params)
        if identity is None:
            raise ServiceError(f"{self.peer.shown} did not say what it makes of {_listed(params)}")
        differing = {name: identity.effective.get(name) for name, value in params.items()}
        differing = {name: value for name, value in differing.items() if not _same(value, params[name])}
        if differing or identity.not_taken:
            asked = _listed({name: params[name] for name in (*differing, *identity.not_taken)})
            raise ServiceError(
                f"{self.peer.shown} (version {identity.version}) does not take {asked}: it would use "
                f"{_listed(differing) or 'nothing of it'}. Use the same version as here"
            )

    def gone(self) -> str | None:
        """How it ended; None while it runs, or where it is not ours."""
        if self._process is None or self._log is None or (ended := how_it_ended(self._process)) is None:
            return None
        return f"the origin has ended ({ended}); its last lines:\n{last_lines(self._log)}"

    def stopped(self) -> str | None:
        """Which process of the run's own a signal has stopped; None if none, or where it is given."""
        return halt_of(self._process.pid, "the origin") if self._process is not None else None

    async def stop(self, grace_s: float) -> None:
        """Stop it if the run started it."""
        self._http.clear()
        if self._process is not None:
            await stop_tree(self._process, grace_s)


async def open_origin(url: Url | None, seed: int, log: Path, processes: int = 1, *, ours: bool = False) -> Origin:
    """The service at `url`, once it answers, else an origin of the run's own; raises ServiceError.

    `ours`: the workbench's origin is expected at `url`, started elsewhere.
    """
    if url is not None:
        origin = Origin(url, None, None, ours=ours)
        if ours:
            await origin.introduce()
        else:
            await ask(origin.peer, _reach, url)
        return origin
    free_port()
    argv = python("-m", "origin", "--seed", str(seed), "--processes", str(processes))
    process = await spawn(argv, stdout=asyncio.subprocess.PIPE, log=log)
    try:
        own_url = await _announced_url(process.stdout)
    except (TimeoutError, ValueError):
        await stop_tree(process, 0)
        raise ServiceError(f"the origin did not start; its last lines:\n{last_lines(log)}") from None
    except BaseException:
        await stop_tree(process, 0)
        raise
    return Origin(origin_url(own_url), process, log, ours=True)


async def _announced_url(stdout: asyncio.StreamReader | None) -> str:
    """The URL that the origin prints once it listens; raises TimeoutError, or ValueError where it has ended before."""
    if stdout is None:
        raise ValueError("the origin has no standard output")
    async with asyncio.timeout(START_LIMIT_S):
        while line := await stdout.readline():
            with contextlib.suppress(ValueError):  # something else has printed, such as a sitecustomize
                announced = json.loads(line)
                if isinstance(announced, dict) and "url" in announced:
                    return str(announced["url"])
    raise ValueError("the origin has ended")


def peer_of(url: Url) -> Peer:
    """The service at that URL, as messages name it."""
    return Peer(f"the origin {url}", "the service", (url,), credentials="http://USER:PASSWORD@HOST")


def recognised(url: Url, limit_s: float = RECOGNISE_LIMIT_S) -> Identity | None:
    """What the workbench's origin at `url` says of itself; None where another service is there, or does not say.

    It is asked by OPTIONS, so that a service outside the workbench gets no request for work except those of the plan.
    Raises ServiceError if nothing can be reached there, or an origin whose protocol differs.
    """
    ask_blocking(peer_of(url), _reach, url)
    with urllib3.PoolManager(timeout=limit_s, retries=False) as http:
        try:
            identity = ask_blocking(peer_of(url), _asked, http, url, {}, limit_s=limit_s)
        except ServiceError:
            return None
    if identity is not None and identity.protocol != PROTOCOL:
        raise ServiceError(
            f"the origin {url} is that of version {identity.version} of the workbench, which takes other parameters. "
            "Use the same version as here"
        )
    return identity


def _asked(http: urllib3.PoolManager, url: Url, params: dict[str, Any]) -> Identity | None:
    """Its answer about requests with these parameters; None where it is no origin of the workbench, or refuses them."""
    question = f"{url.reveal()}/workbench" + (f"?{urlencode(params)}" if params else "")
    status, body = fetched(http, "OPTIONS", question, most=IDENTITY_MOST)
    try:
        identity = msgspec.json.decode(body, type=Identity) if status == OK else None
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return identity if identity is not None and identity.service == SERVICE else None


def _same(told: Any, asked: Any) -> bool:
    if isinstance(told, (int, float)) and isinstance(asked, (int, float)):
        return math.isclose(told, asked, rel_tol=1e-9)
    return bool(told == asked)


def _listed(params: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items())


def origin_url(text: str, option: str = "--origin") -> Url:
    """The base URL of an HTTP service; raises UsageError for what is none."""
    example = "http://127.0.0.1:8000 or https://api.github.com"
    url = Url.parse(text, option, example)
    if url.scheme not in ("http", "https") or not url.host:
        raise UsageError(f"{option} {url}: expected a URL such as {example}.")
    if url.options:
        raise UsageError(f"{option} {url}: expected a URL without a query, to which paths can be added.")
    return url.changed(path=url.path.rstrip("/"))


def check_origin_url(url: Url, *, allow_remote: bool, requests: int | None) -> None:
    """Raise UsageError for a remote host without `allow_remote` and few `requests`."""
    if is_loopback(url.host):
        return
    if not allow_remote:
        raise UsageError(
            f"--origin {url}: {url.host} is not this machine. A benchmark puts a load on that service: "
            f"if you may do that, add --allow-remote-origin and --requests N (at most {REMOTE_REQUESTS_MOST})."
        )
    if requests is None or requests > REMOTE_REQUESTS_MOST:
        raise UsageError(
            f"--origin {url}: a remote origin takes --requests of at most {REMOTE_REQUESTS_MOST}; "
            f"got {'none' if requests is None else requests}."
        )


def _reach(url: Url) -> None:
    """Only open a connection: a service outside the workbench gets no requests except those of the plan."""
    port = url.port or (443 if url.scheme == "https" else 80)
    socket.create_connection((url.host, port), timeout=ANSWER_LIMIT_S).close()
