"""The one type of URLs: its text shows no secret, whoever prints it; `reveal` gives a library the whole.

It is made from parsed parts. Of a query, only options that are known to be harmless are shown, so that a new name for
a password is hidden too. Errors name the option and the reason, and quote nothing but the scheme.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import final
from urllib.parse import quote, unquote

from harness.errors import UsageError

HIDDEN = "***"
CHARACTERS_MOST = 4096
LABEL_MOST, HOST_MOST = 63, 253
PORT_MOST = 65535
SHOWN_OPTIONS = frozenset(
    (
        *("virtual_host", "visibility_timeout", "socket_timeout", "socket_connect_timeout", "socket_keepalive"),
        *("health_check_interval", "max_connections", "retry_on_timeout"),
        *("ssl_cert_reqs", "ssl_check_hostname", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"),
        *("sslmode", "connect_timeout", "application_name"),
    )
)
"""Options of a query whose values are no secrets."""
SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30})://", re.IGNORECASE)
WORD = re.compile(r"[\w.-]{1,40}")
OF_A_USER = re.compile(r"(user|username|\w*password)=")
"""An option in which an @ is no sign of a password that was taken for a path or a query, and so would be shown."""
HOST = re.compile(r"[^\s\[\]<>\"\\^`{|}@:/?#,;]*")


@final
class Url:
    """A URL whose `str`, `repr` and `format` are `shown`."""

    __slots__ = ("_password", "_query", "_user", "host", "path", "port", "scheme")

    def __init__(
        self,
        scheme: str,
        host: str = "",
        port: int | None = None,
        path: str = "",
        *,
        user: str | None = None,
        password: str | None = None,
        query: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        self._user = user
        self._password = password
        self._query = tuple(query)

    @classmethod
    def parse(cls, text: str, where: str, example: str) -> "Url":
        """Read it; raises UsageError that names `where`, the reason and an `example`, and quotes no secret."""
        match = SCHEME.match(text)
        shown = f"{where} {match[0]}{HIDDEN}" if match else f"{where} {text!r}" if WORD.fullmatch(text) else where
        try:
            if match is None:
                raise ValueError("it has no scheme")
            return _parsed(match[1].lower(), text[match.end() :])
        except UnicodeError:
            reason = "it is not UTF-8"
        except ValueError as error:
            reason = str(error)
        raise UsageError(f"{shown}: {reason}. Expected a URL such as {example}.") from None

    @property
    def shown(self) -> str:
        """Without secrets: `***` stands for a password, for a user without one, and for options that may hold one."""
        query = "&".join(
            f"{_quoted(key)}={_quoted(value) if key in SHOWN_OPTIONS else HIDDEN}" for key, value in self._query
        )
        user = None if self._user is None else _quoted(self._user) if self._password else HIDDEN
        return self._built(user, None if self._password is None else HIDDEN, query)

    def __str__(self) -> str:
        """What is shown."""
        return self.shown

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        """The same, for f-strings."""
        return format(self.shown, spec)

    def reveal(self) -> str:
        """The whole, for a call of a library, with special characters percent-encoded."""
        query = "&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in self._query)
        return self._built(
            None if self._user is None else _quoted(self._user),
            None if self._password is None else _quoted(self._password),
            query,
        )

    def _built(self, user: str | None, password: str | None, query: str) -> str:
        who = "" if user is None else user
        who += "" if password is None else f":{password}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        at = f"{who}@" if user is not None or password is not None else ""
        return f"{self.scheme}://{at}{host}{port}{self.path}" + (f"?{query}" if query else "")

    @property
    def options(self) -> dict[str, str]:
        """Of its query; values may be secrets."""
        return dict(self._query)

    def changed(
        self,
        *,
        scheme: str | None = None,
        path: str | None = None,
        options: dict[str, str] | None = None,
        user: str | None = None,
        password: str | None = None,
    ) -> "Url":
        """The same with these parts instead."""
        return Url(
            scheme or self.scheme,
            self.host,
            self.port,
            self.path if path is None else path,
            user=self._user if user is None else user,
            password=self._password if password is None else password,
            query=self._query if options is None else options.items(),
        )

    def _secrets(self) -> set[str]:
        values = {value for key, value in self._query if key not in SHOWN_OPTIONS}
        values |= {text for text in (self._password, None if self._password else self._user) if text}
        return {form for value in values if value for form in (value, _quoted(value))}

    def is_quoted_in(self, text: str) -> bool:
        """Whether a text, such as a library's error, holds one of its secrets."""
        return any(secret in text for secret in self._secrets())

    def hidden_in(self, text: str) -> str:
        """A text that others wrote, with its own secrets replaced, wherever they are."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Url) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _parsed(scheme: str, rest: str) -> Url:
    """What stands behind the scheme; raises ValueError with a reason that quotes nothing."""
    if len(rest) > CHARACTERS_MOST:
        raise ValueError(f"it has more than {CHARACTERS_MOST} characters")
    if not rest.isprintable() or " " in rest:
        raise ValueError("it has a space or a character that cannot be printed")
    rest, sharp, _ = rest.partition("#")
    if sharp:
        raise ValueError("it has a #; in a password, write %23")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    if authority and ("@" in path or any("@" in part and not OF_A_USER.match(part) for part in query.split("&"))):
        raise ValueError(
            "it has an @ behind its host; in a password, write / as %2F and ? as %3F, and elsewhere @ as %40"
        )
    if "\0" in unquote(rest + query):
        raise ValueError("it has a NUL (%00)")
    userinfo, at, place = authority.rpartition("@")  # the last one: a password may hold others
    user, colon, password = userinfo.partition(":")
    host, port = _place(place)
    return Url(
        scheme,
        host,
        port,
        slash + path,
        user=unquote(user, errors="strict") if at and (user or not colon) else None,
        password=unquote(password, errors="strict") if colon else None,
        query=_pairs(query),
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = []
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        pairs.append((unquote(key, errors="strict"), unquote(value, errors="strict")))
    if len(dict(pairs)) < len(pairs):
        raise ValueError("it has an option more than once")
    return pairs


def _place(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        address, bracket, behind = text[1:].partition("]")
        if not bracket or behind[:1] not in ("", ":") or not _is_ipv6(address):
            raise ValueError("its address in brackets is no IPv6 address")
        return address, _port(behind[1:])
    host, colon, port = text.partition(":")
    if ":" in port:
        raise ValueError("its port is no number, or it is an IPv6 address without brackets")
    _check_host(host)
    return host, _port(port) if colon else None


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _check_host(host: str) -> None:
    if HOST.fullmatch(host) is None:
        raise ValueError("its host has a character that no host has")
    try:
        labels = [label if label.isascii() else label.encode("idna").decode() for label in host.split(".")]
    except UnicodeError:
        raise ValueError("its host is no name that can be looked up") from None
    if len(host) > HOST_MOST or any(len(label) > LABEL_MOST for label in labels):
        raise ValueError(f"its host is longer than {HOST_MOST} characters, or a part of it than {LABEL_MOST}")


def _port(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) <= PORT_MOST):
        raise ValueError(
            f"its port is no number from 1 to {PORT_MOST}; in a password, write / as %2F, ? as %3F, # as %23"
        )
    return int(text)
