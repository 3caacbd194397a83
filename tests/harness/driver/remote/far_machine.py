"""A driver on another machine, without the machine: in virtual time."""

import asyncio

from harness.driver.messages import Message, Ping, Pong, decode, encode
from harness.machine.clock import NS, VirtualLoop

AHEAD_NS = 5 * NS
ONE_WAY_S = 0.01


class FarMachine:
    """A conversation whose other end has a clock that is ahead by 5 s, 10 ms away; it answers what it is asked."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.heard: list[Message] = []
        self.over = False
        self._loop = loop
        self._arriving: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, body: bytes) -> None:
        """It arrives later, and a ping is answered then."""
        self._loop.call_later(ONE_WAY_S, self._hear, decode(body))

    def _hear(self, message: Message) -> None:
        self.heard.append(message)
        if isinstance(message, Ping):
            self.say(Pong(self._loop.now_ns() + AHEAD_NS))

    def say(self, *messages: Message, after_s: float = 0.0) -> None:
        """They arrive later too."""
        for message in messages:
            self.give(encode(message), after_s)

    def give(self, body: bytes | None, after_s: float = 0.0) -> None:
        """A body as it is; None: the broker is gone."""
        self._loop.call_later(after_s + ONE_WAY_S, self._arriving.put_nowait, body)

    async def receive(self, within_s: float) -> bytes | None:
        """What has arrived."""
        return await asyncio.wait_for(self._arriving.get(), within_s)

    async def end(self) -> None:
        """Note it."""
        self.over = True
