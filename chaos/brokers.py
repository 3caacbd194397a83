"""The brokers that are given to runs, of each kind one, and one of each kind in Compose."""

from chaos.case import Broker, Case
from chaos.composed import Composed
from chaos.given import Given, GivenRabbitMQ, GivenRedis

KINDS: dict[Broker, type[GivenRedis | GivenRabbitMQ]] = {"given redis": GivenRedis, "rabbitmq": GivenRabbitMQ}


class Brokers:
    """Started when a case needs them, used again by the next one; one that was killed is started afresh."""

    def __init__(self) -> None:
        self._running: dict[tuple[Broker, bool], Given] = {}

    def of(self, case: Case) -> Given | None:
        """The broker that is given to the run of a case; None where the run starts its own. Raises Unavailable."""
        if case.broker not in KINDS:
            return None
        if _like(case) not in self._running:
            self._running[_like(case)] = Composed(case.broker) if case.in_compose else KINDS[case.broker]()
        return self._running[_like(case)]

    def drop(self, case: Case) -> None:
        """End that of a case: what it has gone through, or what is left on it, shall not be seen by the next one."""
        if (broker := self._running.pop(_like(case), None)) is not None:
            broker.close()

    def close(self) -> None:
        """End all."""
        while self._running:
            self._running.popitem()[1].close()


def _like(case: Case) -> tuple[Broker, bool]:
    return case.broker, case.in_compose
