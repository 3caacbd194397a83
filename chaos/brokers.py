"""The brokers that are given to runs, of each kind one."""

from chaos.case import Broker, Case
from chaos.given import Given, GivenRabbitMQ, GivenRedis

KINDS: dict[Broker, type[GivenRedis | GivenRabbitMQ]] = {"given redis": GivenRedis, "rabbitmq": GivenRabbitMQ}


class Brokers:
    """Started when a case needs them, used again by the next one; one that was killed is started afresh."""

    def __init__(self) -> None:
        self._running: dict[Broker, Given] = {}

    def of(self, case: Case) -> Given | None:
        """The broker that is given to the run of a case; raises Unavailable."""
        if case.broker not in KINDS:
            return None
        if case.broker not in self._running:
            self._running[case.broker] = KINDS[case.broker]()
        return self._running[case.broker]

    def drop(self, case: Case) -> None:
        """End that of a case: what it has gone through, or what is left on it, shall not be seen by the next one."""
        if (broker := self._running.pop(case.broker, None)) is not None:
            broker.close()

    def close(self) -> None:
        """End all."""
        while self._running:
            self._running.popitem()[1].close()
