"""`workbench driver`: runs a driver that waits for runs."""

import os
import sys

from harness.cli.options import WAITING_BROKERS, NodeName, WaitingBackend, WaitingBrokers, node_name


def driver(
    broker: WaitingBrokers = WAITING_BROKERS,
    result_backend: WaitingBackend = None,
    name: NodeName = None,
) -> None:
    """Start a driver that waits for runs (`--workers external --drivers N`), on any machine, until SIGTERM."""
    from harness.contenders.celery.config import places_to_environment
    from harness.contenders.celery.fleet.alone import be_alone
    from harness.contenders.celery.launcher import LAUNCHER
    from harness.contenders.celery.quiet import quiet
    from harness.driver.remote.waiting import queue_of
    from harness.machine.processes import environment, python
    from harness.services.brokers.broker import check_broker
    from harness.services.waiting_places import waiting_places

    node = node_name(name, f"driver-{os.getpid()}")
    places = waiting_places(broker, result_backend)
    for url in broker:
        check_broker(url)
    be_alone(node, next(iter(places.values()))[0])
    queue = queue_of(node)
    argv = python("-m", LAUNCHER, "harness.driver.remote.worker", "worker")
    # A thread, so that it responds while it drives a trial; only one, so that it drives one trial at a time.
    argv += ["--pool", "threads", "--concurrency", "1", "--hostname", node, "--queues", queue]
    argv += ["--loglevel", "WARNING", *quiet()]
    env = {**places_to_environment(places, queue), "PYTHONUNBUFFERED": "1"}
    print(f"driver {node}: waiting for runs", flush=True)
    os.execve(sys.executable, argv, environment(env))
