"""Talks to a Redis: with deadlines, without retries, and in errors that say what to do."""

import contextlib
from collections.abc import Iterator

import redis
from redis import exceptions as redis_errors

from harness.errors import ServiceError
from harness.services.redis_url import SOCKET, for_library
from harness.services.shown import one_line
from harness.services.url import Url

ANSWER_LIMIT_S = 5.0
OLDEST_SERVER = (6, 2)


def client(url: Url) -> redis.Redis:
    """A client that gives up after `ANSWER_LIMIT_S` seconds and never retries."""
    if url.scheme == SOCKET:
        options = dict(url.options)
        options["db"] = options.pop("virtual_host", "0")
        url = url.changed(scheme="unix", options=options)
    return redis.Redis.from_url(
        for_library(url),
        socket_connect_timeout=ANSWER_LIMIT_S,
        socket_timeout=ANSWER_LIMIT_S,
        retry=None,
        retry_on_error=[],
    )


def check_redis(url: Url) -> None:
    """Raise ServiceError if no usable Redis answers at `url`, with what to do."""
    try:
        info = client(url).info()
    except redis_errors.AuthenticationError:
        raise ServiceError(
            f"the broker {url} requires a password, or rejects the one given. "
            "Put it in the URL: redis://:PASSWORD@HOST:PORT/0."
        ) from None
    except (redis_errors.TimeoutError, TimeoutError):
        raise ServiceError(
            f"the broker {url} did not answer within {ANSWER_LIMIT_S:g} s. Is the address right?"
        ) from None
    except (redis_errors.InvalidResponse, redis_errors.ResponseError, UnicodeDecodeError) as error:
        raise ServiceError(
            f"the server at {url} is not a usable Redis ({one_line(error, url)}). Is the port right?"
        ) from None
    except (redis_errors.RedisError, OSError, ValueError) as error:
        raise ServiceError(
            f"the broker {url} could not be reached: {one_line(error, url)}. Is Redis running there? "
            "`workbench run` without --broker starts its own Redis."
        ) from None
    version = tuple(int(part) for part in str(info.get("redis_version", "0.0")).split(".")[:2])
    if version < OLDEST_SERVER:
        raise ServiceError(f"the broker {url} is Redis {info.get('redis_version')}; 6.2 or later is needed.")


@contextlib.contextmanager
def as_service_error(url: Url) -> Iterator[None]:
    """Translate what a Redis raises that answered before, and does not any more."""
    try:
        yield
    except (redis_errors.RedisError, OSError) as error:
        raise ServiceError(f"the Redis at {url} did not answer: {one_line(error, url)}.") from None
