"""A driver that waits for runs, and messages of somebody who can publish on its broker; about 4 s."""

import json
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from harness.contenders.celery.answers import TAKE
from harness.driver.messages import Refused, decode
from harness.driver.remote.conversation import to_driver
from harness.driver.remote.courier import Courier
from harness.driver.remote.fork_server import TASK
from harness.driver.remote.switchboard import mailbox_of
from harness.services.brokers.broker import broker_url
from harness.services.waiting_places import waiting_place
from tests.cli.conftest import Command, Start

RUN = "somebody:0a1b2c"
FIELDS: dict[str, Any] = {
    "run": RUN,
    "contender": "asyncio",
    "workload": "sleap",
    "params": {},
    "load": "closed:1",
    "slots": None,
    "broker": None,
    "results": None,
    "trial": 1,
    "origin_url": None,
    "origin_is_ours": True,
    "postgres_schema": None,
    "warmup_s": 0.0,
    "duration_s": 1.0,
    "requests": None,
    "timeout_s": 1.0,
    "seed": 1,
    "driver": 0,
    "together": False,
    "sampled": False,
    "with_contenders": [],
    "with_workloads": [],
}


class Attacker:
    """Publishes on the broker, and listens to what a driver answers."""

    def __init__(self, url: str, driver: Command) -> None:
        self.driver = driver
        name = driver.told().split()[1].rstrip(":")
        self.queue = f"driver:{name}"
        self._place = waiting_place(broker_url(url), None)
        self._app = Celery("attacker", broker=url, set_as_current=False)
        self._app.conf.update(broker_transport_options={"global_keyprefix": self._place.key_prefix})
        self._app.conf.control_exchange = self._place.control

    def sends(self, *arguments: Any, task: str = TASK, **named: Any) -> None:
        """A task."""
        self._app.send_task(task, args=arguments, kwargs=named, queue=self.queue, ignore_result=True)

    def asks(self, command: str, **arguments: Any) -> Any:
        """A remote-control command of all that listen."""
        return self._app.control.broadcast(command, arguments=arguments, reply=True, timeout=0.5)

    def refused(self, order: Any) -> str:
        """What the driver, once it is leased, answers to an order that it does not take."""
        self.driver.until(lambda: self.asks(TAKE, run=RUN, holder=RUN, queue="", renew=False), "it is leased")
        conversation = f"{self.queue}:{'0' * 12}"
        listener = Courier(self._place, into=mailbox_of(RUN), out=to_driver(conversation), about=conversation)
        self.sends(order, conversation)
        body = listener.receive(10.0)
        listener.close()
        assert body is not None
        message = decode(body)
        assert isinstance(message, Refused)
        return message.reason


@pytest.fixture
def attacker(start: Start, redis_url: str) -> Attacker:
    """Beside a driver that waits."""
    driver = start("driver", "--broker", redis_url, "--name", "victim")
    driver.until(lambda: "waiting for runs" in driver.told(), "it waits")
    return Attacker(redis_url, driver)


def test_no_message_makes_a_driver_run_or_remove_anything(attacker: Attacker, tmp_path: Path) -> None:
    """The message that once wiped a folder, its kin, and Celery's own tasks and commands; it refuses them and waits."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    hostile = ["venv.__main__", str(precious), "--clear"]
    old = {"contender": "asyncio", "params": {}, "load": "closed:1", "spool": str(precious / "file")}
    attacker.sends(json.dumps(old), hostile, f"{attacker.queue}:{'0' * 12}")
    attacker.sends(json.dumps(FIELDS), str(precious / "file"))
    attacker.sends(spec=json.dumps(old), modules=hostile)
    attacker.sends({"task": TASK, "args": hostile}, [[1]], task="celery.map")
    reason = attacker.refused(json.dumps(FIELDS))
    assert reason.startswith("unknown workload 'sleap' in the order. Did you mean 'sleep'?")
    assert "unknown workload '--clear'" in attacker.refused(
        json.dumps(FIELDS | {"workload": "sleep", "with_workloads": ["--clear"]})
    )
    assert "unknown field `modules`" in attacker.refused(json.dumps(FIELDS | {"modules": hostile}))
    for command in ("pool_restart", "objgraph", "conf", "shutdown"):
        assert not any("ok" in answer for reply in attacker.asks(command) for answer in reply.values())
    attacker.driver.until(
        lambda: [{"ok": "pong"}] in [[*reply.values()] for reply in attacker.asks("ping")], "it answers"
    )
    assert (precious / "file").read_text() == "kept"
    assert attacker.driver.process.poll() is None
