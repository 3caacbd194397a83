"""The kill matrix: which role of a fleet is killed, when, on which broker, and whose broker and workers they are."""

import random
from itertools import product
from typing import Literal, get_args

import msgspec

from chaos.case import Broker, Case, Moment, Role, Strike

Killed = Literal["session", "worker", "driver", "broker"]
When = Literal["before", "in", "after"]
Kind = Literal["redis", "rabbitmq"]
Whose = Literal["embedded", "given", "external", "compose"]
"""`embedded`: all are the run's own. `given`: workers of its own on a broker that runs already. `external`: it leases
workers that wait there. `compose`: the same in containers, and its session too."""
POOLS = ("celery-threads:2", "celery-prefork:2", "celery-gevent:2")
LOAD = "closed:8"
"""More than there are slots: these decide what is done in a second, so that one that is missing shows."""
HAVE_DRIVERS = 0.3
"""Of the fleets of which no driver is killed."""
BROKERS: dict[tuple[Kind, bool], Broker] = {
    ("redis", False): "given redis",
    ("redis", True): "own redis",
    ("rabbitmq", False): "rabbitmq",
    ("rabbitmq", True): "own rabbitmq",
}
"""`True`: embedded."""
ROLES: dict[tuple[Killed, bool], Role] = {
    ("session", False): "workbench",
    ("session", True): "workbench",
    ("worker", False): "worker",
    ("worker", True): "external worker",
    ("driver", False): "driver",
    ("driver", True): "remote driver",
}
"""`True`: started beside the run."""
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
        return f"{self.killed} killed {self.when} a trial, {self.whose}, {self.kind}"

    @property
    def waits(self) -> bool:
        """Whether workers are started beside the run."""
        return self.whose in ("external", "compose")

    @property
    def drivers_wait(self) -> bool:
        """Whether there may be drivers beside it: docker-compose.yml has some on Redis alone."""
        return self.waits and (self.whose, self.kind) != ("compose", "rabbitmq")


def square_of(text: str) -> Square:
    """That of `KILLED,WHEN,KIND,WHOSE`; raises ValueError for another text."""
    square = next((each for each in SQUARES if ",".join(msgspec.structs.astuple(each)) == text), None)
    if square is None:
        of = (" ".join(get_args(words)) for words in (Killed, When, Kind, Whose))
        raise ValueError(f"expected KILLED,WHEN,KIND,WHOSE, one each of: {'; '.join(of)}. Got {text!r}.")
    return square


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
    role = _role(square)
    moments = OF_A_DRIVER if role == "driver" else MOMENTS
    strike = Strike(
        role=role, hit="KILL", moment=rng.choice(moments[square.when]), trial=rng.choice((1, 2)), at=rng.random()
    )
    contender, has_drivers = rng.choice(POOLS), rng.random() < HAVE_DRIVERS
    return Case(
        seed=seed,
        contender=contender,
        workload="sleep",
        load=LOAD,
        broker=BROKERS[square.kind, square.whose == "embedded"],
        workers="external" if square.waits else "embedded",
        waiting=2 if square.waits else 1,
        in_compose=square.whose == "compose",
        boots=1,
        drivers=2 if square.drivers_wait and (square.killed == "driver" or has_drivers) else 1,
        strikes=(strike,),
    )


def _role(square: Square) -> Role:
    if square.killed == "broker":
        return "redis" if square.kind == "redis" else "rabbitmq"
    return ROLES[square.killed, square.drivers_wait if square.killed == "driver" else square.waits]


def unhurt(case: Case) -> Case:
    """The same run, which nothing hits."""
    return msgspec.structs.replace(case, strikes=())
