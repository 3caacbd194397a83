"""A name on a Redis: a key that expires, with the process that has it. What is here blocks, and raises as redis-py."""

import contextlib
from typing import Any

import redis

from harness.machine.lifetime import is_dead, owner
from harness.services.brokers.broker import EXTERNAL_PREFIX
from harness.services.names import HELD_S
from harness.services.redis_client import client
from harness.services.url import Url


class RedisName:
    """That of a worker or a driver."""

    def __init__(self, url: Url, name: str) -> None:
        self._key = f"{EXTERNAL_PREFIX}name:{name}"
        self._owner = owner()
        self._client: Any = client(url)

    def hold(self) -> bool:
        """Take it, or keep it; that of a process that has ended is free at once, where that is known."""
        with self._client.pipeline(transaction=True) as together:
            together.watch(self._key)
            if self._is_others(together.get(self._key)):
                return False
            together.multi()
            together.set(self._key, self._owner, px=int(HELD_S * 1000))
            try:
                together.execute()
            except redis.WatchError:  # another process was faster
                return False
        return True

    def leave(self) -> None:
        """Give it back."""
        with self._client.pipeline(transaction=True) as together:
            together.watch(self._key)
            if together.get(self._key) == self._owner.encode():
                together.multi()
                together.delete(self._key)
                with contextlib.suppress(redis.WatchError):  # it had expired, and another process has taken it
                    together.execute()
        self._client.close()

    def _is_others(self, stored: bytes | None) -> bool:
        if stored is None:
            return False
        holder = stored.decode(errors="replace")
        return holder != self._owner and not is_dead(holder)
