"""A client of a Redis, and whether that Redis can serve a run. What is here blocks; see `harness.services.calls`."""

import re
from typing import Any

import redis

from harness.errors import ServiceError
from harness.services.calls import ANSWER_LIMIT_S
from harness.services.causes import CLUSTER, SENTINEL, Peer
from harness.services.redis_url import for_redis_py
from harness.services.url import Url

OLDEST_SERVER = (6, 2)
VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})")
VERSION_CHARACTERS = 40
PROBE = "probe"
"""What a run's keys are tried with; it is gone at once."""
UNUSABLE = {"sentinel": SENTINEL, "cluster": CLUSTER}
"""What Redis says of its mode → why no run can use it."""


def peer_of(url: Url) -> Peer:
    """The Redis at a URL, as messages name it."""
    return Peer(
        f"the broker {url}",
        "Redis",
        (url,),
        credentials="redis://:PASSWORD@HOST:PORT/0, or with a user redis://USER:PASSWORD@HOST:PORT/0",
    )


def client(url: Url) -> redis.Redis:
    """A client that waits no longer than `ANSWER_LIMIT_S` for a byte, and never retries."""
    return redis.Redis.from_url(
        for_redis_py(url),
        socket_connect_timeout=ANSWER_LIMIT_S,
        socket_timeout=ANSWER_LIMIT_S,
        retry=None,
        retry_on_error=[],
    )


def examined(asking: redis.Redis, url: Url, key_prefix: str) -> dict[str, Any]:
    """The `INFO` of a Redis that a run can use; raises ServiceError for one that can never serve it.

    What a run does with its keys and channels is tried below `key_prefix`, and leaves nothing.
    """
    info: dict[str, Any] = asking.info()
    shown = peer_of(url).shown
    if (reason := UNUSABLE.get(str(info.get("redis_mode")))) is not None:
        raise ServiceError(f"{shown} {reason}")
    told = str(info.get("redis_version"))[:VERSION_CHARACTERS]
    version = VERSION.match(told)
    if version is None or (int(version[1]), int(version[2])) < OLDEST_SERVER:
        raise ServiceError(f"{shown} is Redis {told}; 6.2 or later is needed.")
    _try_keys(asking, key_prefix + PROBE)
    _try_channels(asking, key_prefix + PROBE)
    return info


def _try_keys(asking: Any, key: str) -> None:
    """In one transaction, so that nobody sees them: a queue, a binding, an unacknowledged message, a result."""
    with asking.pipeline(transaction=True) as together:
        together.lpush(f"{key}.list", "").brpop(f"{key}.list", timeout=1)
        together.sadd(f"{key}.set", "").smembers(f"{key}.set")
        together.zadd(f"{key}.zset", {"": 0}).zrem(f"{key}.zset", "")
        together.hset(f"{key}.hash", "", "").hdel(f"{key}.hash", "")
        together.execute_command("SETEX", key, 60, "").get(key)  # as Celery stores a result
        together.unlink(key, *(f"{key}.{kind}" for kind in ("list", "set", "zset", "hash")))
        together.execute()


def _try_channels(asking: Any, channel: str) -> None:
    """Remote control subscribes to patterns, which no right to single channels allows."""
    try:
        with asking.pubsub() as listening:
            listening.psubscribe(channel)
            listening.get_message(timeout=ANSWER_LIMIT_S)
        asking.publish(channel, "")
    except redis.exceptions.NoPermissionError as error:
        raise redis.exceptions.NoPermissionError(f"{error} (Celery needs `allchannels`)") from None
