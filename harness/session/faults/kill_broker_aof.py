"""kill-broker-aof: the same with a Redis that appends each command to a file before it answers."""

from harness.session.faults.kill_broker import KillBroker


class KillBrokerAof(KillBroker):
    """What it had is there again."""

    summary = "SIGKILL to the run's own Redis with `appendonly yes` and `appendfsync always`, back after 2 s"
    only_on = ("redis",)
    persisted = True


FAULT = KillBrokerAof()
