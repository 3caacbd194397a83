"""Settings of the asyncio side."""

import asyncio
import sys
from collections.abc import Callable

from harness.contenders.settings import time_scale
from harness.contenders.settings.setting import Numbered, Setting
from harness.jobs.network import guard_loop

EAGER_SINCE = (3, 12)


class AsyncioSetting(Setting, frozen=True, kw_only=True):
    """A change of the event loop."""

    loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    """Creates the event loop; None: the standard one."""
    eager: bool = False
    debug: bool = False
    refuses_beyond: int = 0
    """With so many requests under way, another one is refused; 0: none ever is."""
    writes_ahead: bool = False
    """Whether each request is written down before it begins (`asyncio_side.write_ahead`)."""


def uvloop_loop() -> asyncio.AbstractEventLoop:
    """A new uvloop event loop."""
    import uvloop

    guard_loop(uvloop.Loop)
    return uvloop.new_event_loop()


def refuse(most: int) -> AsyncioSetting:
    """No more than so many requests at once."""
    return AsyncioSetting(
        name=f"refuse-{most}",
        about=f"with {most} requests under way, waiting or running, another one is refused at once",
        gives_up="requests that an unbounded application would serve late",
        refuses_beyond=most,
        drops=True,
        family="refuse",
    )


def with_time_scale(scale: int) -> AsyncioSetting:
    """It has no times of its own: the row says that those of its work are shorter."""
    return AsyncioSetting(name=time_scale.setting_of(scale), about=f"its work waits {scale} times as fast")


NUMBERED = {
    "refuse": Numbered(refuse, 1, 1_000_000),
    time_scale.NAME: Numbered(with_time_scale, time_scale.LEAST, time_scale.MOST),
}
SETTINGS = (
    AsyncioSetting(
        name="uvloop",
        about="libuv's event loop instead of the standard one",
        loop=uvloop_loop,
        excludes=("eager",),
        relieves="driver",
    ),
    AsyncioSetting(
        name="eager",
        about="eager task factory: a task runs at once until it first waits",
        gives_up="the order in which tasks begin",
        eager=True,
    ),
    AsyncioSetting(name="debug", about="asyncio's debug mode", debug=True),
    AsyncioSetting(
        name="graceful-drain",
        about="on SIGTERM, nothing more is accepted and what is under way is done before the process ends",
        promise="at least once if told to end",
        drains=True,
    ),
    AsyncioSetting(
        name="write-ahead",
        about="each request is in a SQLite file from before it begins until it has ended; what is left is done again",
        gives_up="single execution: work that was cut off begins again, so it must be idempotent",
        promise="at least once",
        writes_ahead=True,
    ),
    refuse(64),
    AsyncioSetting(name="nothing", about="no change: shows the noise of the measurement"),
)
TUNED = ("uvloop",)


def new_loop(
    settings: tuple[AsyncioSetting, ...], standard: Callable[[], asyncio.AbstractEventLoop]
) -> asyncio.AbstractEventLoop:
    """An event loop with these settings."""
    loop = next((setting.loop for setting in settings if setting.loop is not None), standard)()
    if any(setting.eager for setting in settings):
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
    loop.set_debug(any(setting.debug for setting in settings))
    return loop


def cannot(settings: tuple[AsyncioSetting, ...], standard: Callable[[], asyncio.AbstractEventLoop]) -> str | None:
    """Why these settings are not supported on this machine; None if they are."""
    if not any(setting.eager for setting in settings):
        return None
    if sys.version_info < EAGER_SINCE:
        return f"the eager task factory came with Python 3.12; this is {sys.version_info[0]}.{sys.version_info[1]}"
    if uvloop_loop in (standard, *(setting.loop for setting in settings)):
        return "the eager task factory raises TypeError on uvloop 0.23"
    return None
