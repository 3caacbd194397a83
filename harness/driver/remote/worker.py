"""What `workbench driver` runs: a Celery worker whose one task drives a trial, and reports to the run's session.

`celery -A harness.driver.remote.worker worker …`. The trial itself runs in a process forked for it, as everywhere; this
process only carries messages between that one and the session.
"""

import asyncio
import platform
import tempfile
import threading
from pathlib import Path
from typing import Any

import msgspec
from celery import Celery
from celery.worker.control import inspect_command

from harness.contenders.celery.config import connections, from_environment, runs
from harness.driver.fork_server import ForkServer
from harness.driver.messages import Delivered, Hello, TrialSpec, encode
from harness.driver.remote.courier import Courier
from harness.driver.remote.fork_server import TASK
from harness.driver.remote.relay import Relay, deliver
from harness.driver.remote.waiting import DESCRIBE
from harness.machine.cores import cores
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id

place, queue, *_ = from_environment()
app = Celery("workbench-driver")
app.conf.update(
    connections(place),
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
    """Fork servers of this worker, on an event loop of their own that outlives each trial."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, ...], ForkServer] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def drive(self, spec: TrialSpec, modules: list[str], conversation: str) -> None:
        """Drive one trial to its end."""
        asyncio.run_coroutine_threadsafe(self._drive(spec, tuple(modules), conversation), self._loop).result()

    async def _drive(self, spec: TrialSpec, modules: tuple[str, ...], conversation: str) -> None:
        courier = await in_thread(lambda: Courier(place, into=f"{conversation}:down", out=f"{conversation}:up"))
        await in_thread(courier.send, encode(Hello()))
        with tempfile.TemporaryDirectory(prefix="workbench-driver-") as folder:
            spool = Path(folder) / "spool"
            if modules not in self._servers:
                self._servers[modules] = ForkServer(list(modules))
                await self._servers[modules].start()
            driver = await self._servers[modules].fork(msgspec.structs.replace(spec, spool=str(spool)))
            try:
                recording = await Relay(courier, driver).run()
            finally:
                driver.kill()
                await driver.ended()
            if recording is not None:
                await in_thread(deliver, courier, recording, spool)
        await in_thread(courier.send, encode(Delivered()))
        await in_thread(courier.close)


runners: list[TrialRunner] = []


@app.task(name=TASK)
def drive(spec: str, modules: list[str], conversation: str) -> None:
    """Drive a trial for the session that listens to that conversation."""
    if not runners:
        runners.append(TrialRunner())
    runners[0].drive(msgspec.json.decode(spec, type=TrialSpec), modules, conversation)


@inspect_command(name=DESCRIBE)
def describe(state: Any) -> dict[str, Any]:
    """Who this driver is."""
    return {
        "host": platform.node(),
        "cpus": cores(),
        "boot_id": boot_id(),
        "queue": queue,
        "runs": runs(),
    }
