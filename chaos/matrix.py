"""The kill matrix: which role of a fleet is killed, when, on which broker, and whose workers they are."""

import random
from itertools import product
from typing import Literal, get_args

import msgspec

from chaos.case import Broker, Case, Moment, Role, Strike

Killed = Literal["session", "worker", "driver", "broker"]
When = Literal["before", "in", "after"]
Kind = Literal["redis", "rabbitmq"]
Whose = Literal["embedded", "external"]
"""Whether the run starts its workers, or leases some that wait."""
POOLS = ("celery-threads:2", "celery-prefork:2", "celery-gevent:2")
LOAD = "closed:8"
"""More than there are slots: these decide what is done in a second, so that one that is missing shows."""
HAVE_DRIVERS = 0.3
"""Of the fleets of which no driver is killed."""
ROLES: dict[tuple[Killed, Whose], Role] = {
    ("session", "embedded"): "workbench",
    ("session", "external"): "workbench",
    ("worker", "embedded"): "worker",
    ("worker", "external"): "external worker",
    ("driver", "embedded"): "driver",
    ("driver", "external"): "remote driver",
}
MOMENTS: dict[When, tuple[Moment, ...]] = {
    "before": ("boot", "verification", "warm-up"),
    "in": ("window",),
    "after": ("drain", "between trials", "stopping"),
}
OF_A_DRIVER: dict[When, tuple[Moment, ...]] = {
    "before": ("verification", "warm-up"),
    "in": ("window",),
    "after": ("drain",),
}
"""A run's own is there in a trial alone."""


class Square(msgspec.Struct, frozen=True):
    """One of the matrix."""

    killed: Killed
    when: When
    kind: Kind
    whose: Whose

    def __str__(self) -> str:
        return f"{self.killed} killed {self.when} a trial, {self.whose} workers on {self.kind}"


SQUARES = [Square(*each) for each in product(*map(get_args, (Killed, When, Kind, Whose)))]


def drawn(seed: int, number: int) -> list[tuple[Square, Case]]:
    """So many squares, each once before any comes again, with a case each; the same for the same seed."""
    rng = random.Random(seed)
    squares: list[Square] = []
    while len(squares) < number:
        squares += rng.sample(SQUARES, len(SQUARES))
    return [(square, case_of(square, rng.randrange(2**31))) for square in squares[:number]]


def case_of(square: Square, seed: int) -> Case:
    """A run that is hit there; its pool, moment and trial are drawn."""
    rng = random.Random(seed)
    broker: Broker = "given redis" if square.kind == "redis" else "rabbitmq"
    of_broker: Role = "redis" if square.kind == "redis" else "rabbitmq"
    role = of_broker if square.killed == "broker" else ROLES[square.killed, square.whose]
    moments = OF_A_DRIVER if role == "driver" else MOMENTS
    external = square.whose == "external"
    strike = Strike(
        role=role, hit="KILL", moment=rng.choice(moments[square.when]), trial=rng.choice((1, 2)), at=rng.random()
    )
    return Case(
        seed=seed,
        contender=rng.choice(POOLS),
        workload="sleep",
        load=LOAD,
        broker=broker,
        workers=square.whose,
        waiting=2 if external else 1,
        boots=1,
        drivers=2 if external and (square.killed == "driver" or rng.random() < HAVE_DRIVERS) else 1,
        strikes=(strike,),
    )


def unhurt(case: Case) -> Case:
    """The same run, which nothing hits."""
    return msgspec.structs.replace(case, strikes=())
