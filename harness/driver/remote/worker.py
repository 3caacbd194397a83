"""What `workbench driver` runs: a Celery worker whose one task drives a trial, and reports to the run's session.

`harness.contenders.celery.launcher` starts it. The trial itself runs in a process forked for it, as everywhere; this
process only carries messages between that one and the session. Anyone who can publish on the broker can send it a
message, which is an order that `harness.driver.remote.order` accepts, or is refused.
"""

import asyncio
import logging
import platform
import re
import tempfile
import threading
from pathlib import Path
from typing import Any

import msgspec
from celery import Celery
from celery.worker.control import inspect_command

from harness.contenders.celery.answers import DESCRIBE
from harness.contenders.celery.commands import keep_only
from harness.contenders.celery.config import connections, places_from_environment, runs
from harness.contenders.celery.fleet.alone import have_name
from harness.contenders.celery.fleet.leased import Leased
from harness.contenders.celery.queues import know, remove_at_end, waiting_queue
from harness.driver.fork_server import ForkServer
from harness.driver.messages import Delivered, Hello, Refused, encode
from harness.driver.remote.conversation import to_driver
from harness.driver.remote.courier import Courier
from harness.driver.remote.fork_server import TASK
from harness.driver.remote.order import Accepted, accepted, check_lease
from harness.driver.remote.relay import Relay, deliver
from harness.driver.remote.switchboard import mailbox_of
from harness.errors import ServiceError, WorkbenchError
from harness.machine.cores import cores, cpu_model
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id

REFUSAL_CHARACTERS = 2000
STOP_S = 1.0
logger = logging.getLogger(__name__)

places, queue = places_from_environment()
meeting = next(iter(places.values()))[0]
"""Where it waits."""
conversations = re.compile(re.escape(queue) + ":[0-9a-f]{12}")
"""The names that a session gives to conversations with this driver."""
app = Celery("workbench-driver", fixups=[])
app.conf.update(
    connections(meeting),
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    task_default_queue=queue,
    broker_connection_retry_on_startup=False,
    worker_redirect_stdouts=False,
)


class TrialRunner:
    """Fork servers of this worker, one a side, on an event loop of their own that outlives each trial."""

    def __init__(self) -> None:
        self._servers: dict[str, tuple[list[str], ForkServer]] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def drive(self, order: object, conversation: str) -> None:
        """Drive one trial to its end, or refuse it; only the run that has leased this driver is answered."""
        asyncio.run_coroutine_threadsafe(self._converse(order, conversation), self._loop).result()

    async def _converse(self, order: object, conversation: str) -> None:
        if not (run := leased.lease.run):
            logger.warning("a trial was refused: no run has leased this driver")
            return
        names = {"into": to_driver(conversation), "out": mailbox_of(run), "about": conversation}
        try:
            courier = await in_thread(lambda: Courier(meeting, **names, is_leased=lambda: leased.lease.run == run))
            try:
                await self._refuse_or_drive(order, run, courier)
            finally:
                await in_thread(courier.close)
        except ServiceError as error:
            logger.error("the trial is ended, because its session cannot be reached: %s", error)

    async def _refuse_or_drive(self, order: object, run: str, courier: Courier) -> None:
        try:
            task = accepted(order, places)
            check_lease(task.run, run)
        except WorkbenchError as error:
            logger.warning("a trial was refused: %s", error)
            await in_thread(courier.send, encode(Refused(str(error)[:REFUSAL_CHARACTERS])))
        else:
            await self._drive(task, courier)

    async def _drive(self, task: Accepted, courier: Courier) -> None:
        await in_thread(courier.send, encode(Hello()))
        with tempfile.TemporaryDirectory(prefix="workbench-driver-") as folder:
            spool = Path(folder) / "spool"
            server = await self._server(task)
            driver = await server.fork(msgspec.structs.replace(task.spec, spool=str(spool)))
            try:
                recording = await Relay(courier, driver).run()
            finally:
                driver.kill()
                await driver.ended()
            if recording is not None:
                await in_thread(deliver, courier, recording, spool, task.spec.driver)
        await in_thread(courier.send, encode(Delivered()))

    async def _server(self, task: Accepted) -> ForkServer:
        """The fork server that has imported what the run drives on that side; another run's is ended."""
        known = self._servers.get(task.side)
        if known is not None and known[0] == task.modules:
            return known[1]
        if known is not None:
            await known[1].stop(STOP_S)
        server = ForkServer(task.modules)
        self._servers[task.side] = task.modules, server
        await server.start()
        return server


runners: list[TrialRunner] = []


@app.task(name=TASK)
def drive(*given: object, **named: object) -> None:
    """Drive a trial for the session that listens to that conversation: `drive(ORDER, CONVERSATION)`."""
    match given:
        case (order, str(conversation)) if not named and conversations.fullmatch(conversation):
            if not runners:
                runners.append(TrialRunner())
            runners[0].drive(order, conversation)
        case _:
            logger.warning("a message was ignored: it is no order to this driver, with a conversation to answer in")


@inspect_command(name=DESCRIBE)
def describe(state: Any) -> dict[str, Any]:
    """Who this driver is, and which run has leased it."""
    return {
        "host": platform.node(),
        "cpus": cores(),
        "cpu_model": cpu_model(),
        "boot_id": boot_id(),
        "runs": runs(),
        "held": leased.held(),
    }


have_name(queue, meeting)
keep_only("ping", DESCRIBE)
leased = Leased(app, meeting)
waiting = waiting_queue(queue, meeting)
know(app, waiting)
remove_at_end(app, waiting)
app.finalize()
for task_name in [name for name in app.tasks if name != TASK]:
    app.tasks.unregister(task_name)  # Celery's own, which would take any task's name from a message
