"""What a URL of a Redis may say, in one spelling that redis-py, kombu and Celery take alike."""

from typing import Any

from harness.errors import UsageError, unknown
from harness.services.url import Url

SCHEMES = {"redis": "redis", "rediss": "rediss", "redis+socket": "redis+socket"} | {
    "valkey": "redis",
    "valkeys": "rediss",
    "unix": "redis+socket",
}
"""As written → as libraries take it."""
SOCKET = "redis+socket"
DATABASE_MOST = 10**6
TLS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_check_hostname")
CERTIFICATE = {"required": "required", "optional": "optional", "none": "none"} | {
    "CERT_REQUIRED": "required",
    "CERT_OPTIONAL": "optional",
    "CERT_NONE": "none",
}
"""What `ssl_cert_reqs` may be, in Celery's spelling too."""
SECONDS_MOST = 10.0**9


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= SECONDS_MOST:
        raise ValueError
    return value


def _whole(text: str) -> int:
    return int(_seconds(text)) if text.isascii() and text.isdecimal() else int("")


def _flag(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


TRANSPORT = {
    "visibility_timeout": _seconds,
    "socket_timeout": _seconds,
    "socket_connect_timeout": _seconds,
    "socket_keepalive": _flag,
    "health_check_interval": _whole,
    "max_connections": _whole,
    "retry_on_timeout": _flag,
}
"""Options that Celery has for its connections to Redis: name → how its value is read."""


def canonical(url: Url, where: str) -> Url:
    """The same Redis in that spelling; raises UsageError for a path or an option that no Redis has."""
    url = _with_credentials(url.changed(scheme=SCHEMES[url.scheme]))
    options = dict(url.options)
    if url.scheme == SOCKET:
        options["virtual_host"] = options.pop("db", options.get("virtual_host", "0"))
        _check_database(options["virtual_host"], url, where)
        if url.host or len(url.path) < 2:
            raise UsageError(f"{where} {url}: expected the path of its socket, such as redis+socket:///run/redis.sock.")
    else:
        if "db" in options:
            url = url.changed(path=f"/{options.pop('db')}")
        _check_database(url.path.strip("/") or "0", url, where)
        if not url.host:
            raise UsageError(f"{where} {url}: it has no host. Expected a URL such as redis://HOST:6379/0.")
    if url.scheme == "rediss":
        options.setdefault("ssl_cert_reqs", "required")
    for name, value in options.items():
        options[name] = _checked(name, value, url, where)
    return url.changed(options=options)


def database_of(url: Url) -> int:
    """Number of the database of a canonical URL."""
    text = url.options.get("virtual_host", "0") if url.scheme == SOCKET else url.path.strip("/")
    return int(text or "0")


def _with_credentials(url: Url) -> Url:
    """User and password of the query, in front of the host, where all libraries look for them."""
    options = dict(url.options)
    user, password = options.pop("username", None), options.pop("password", None)
    return url.changed(options=options, user=user, password=password)


def _check_database(text: str, url: Url, where: str) -> None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 7 and int(text) < DATABASE_MOST):
        raise UsageError(
            f"{where} {url}: expected the number of a database behind the host, such as redis://HOST:6379/0."
        )


def _checked(name: str, value: str, url: Url, where: str) -> str:
    """The value of an option as libraries take it; raises UsageError."""
    tls = TLS if url.scheme == "rediss" else ()
    valid = (*TRANSPORT, *tls, *(("virtual_host",) if url.scheme == SOCKET else ()))
    if name not in valid:
        if name in TLS:
            raise UsageError(f"{where} {url}: {name} is for rediss://, with TLS.")
        raise unknown("option", name[:64], f"{where} {url}", valid)
    if name == "ssl_cert_reqs" and value not in CERTIFICATE:
        raise UsageError(f"{where} {url}: expected ssl_cert_reqs to be one of {', '.join(CERTIFICATE)}.")
    if name in TRANSPORT:
        try:
            TRANSPORT[name](value)
        except (ValueError, KeyError):
            raise UsageError(f"{where} {url}: the value of {name} is none that Celery takes.") from None
    return CERTIFICATE.get(value, value) if name == "ssl_cert_reqs" else value


def for_library(url: Url) -> str:
    """The URL that Celery and redis-py are given: without the options that are settings of Celery's transport."""
    return url.changed(options={key: value for key, value in url.options.items() if key not in TRANSPORT}).reveal()


def for_redis_py(url: Url) -> str:
    """The same for clients that have a scheme of their own for a Unix socket, as redis-py and coredis have."""
    if url.scheme == SOCKET:
        options = dict(url.options)
        options["db"] = options.pop("virtual_host", "0")
        url = url.changed(scheme="unix", options=options)
    return for_library(url)


def transport_options(url: Url) -> dict[str, Any]:
    """Those options, as Celery takes them."""
    return {key: TRANSPORT[key](value) for key, value in url.options.items() if key in TRANSPORT}
