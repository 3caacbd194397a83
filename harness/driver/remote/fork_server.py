"""A driver on another machine, as the session's counterpart of a fork server: drives one trial after another."""

import uuid
from pathlib import Path

from harness.driver.messages import TrialSpec
from harness.driver.modules import Preload
from harness.driver.remote.conversation import BrokerConversation
from harness.driver.remote.order import order_of
from harness.driver.remote.remote_driver import RemoteDriver
from harness.driver.remote.switchboard import Switchboard
from harness.driver.remote.waiting import WaitingDriver
from harness.errors import ServiceError

TASK = "workbench.drive"


class RemoteForkServer:
    """Has trials driven by a Celery worker, which forks their processes (see `harness.driver.fork_server`)."""

    def __init__(self, who: WaitingDriver, switchboard: Switchboard, preload: Preload, run: str) -> None:
        """`preload`: what the fork server there imports before it forks, by names. `run`: which has leased it."""
        self.who = who
        self._switchboard = switchboard
        self._preload = preload
        self._run = run

    async def start(self) -> None:
        """It runs already."""

    async def fork(self, spec: TrialSpec) -> RemoteDriver:
        """Have it drive a trial; raises ServiceError if it does not answer."""
        name = f"{self.who.queue}:{uuid.uuid4().hex[:12]}"
        driver = RemoteDriver(self.who, BrokerConversation(self._switchboard, name), Path(spec.spool))
        self._switchboard.order(TASK, [order_of(spec, self._preload, self._run).decode(), name], self.who.queue)
        try:
            await driver.meet()
        except ServiceError:
            self._switchboard.withdraw(self.who.queue)
            raise
        return driver

    async def stop(self, grace_s: float) -> None:
        """It goes on waiting for other runs."""
