"""A case: which run, which of its processes is hit, by what, and when; drawn from one number."""

import random
import signal
from typing import Literal, get_args

import msgspec

Role = Literal[
    "workbench", "driver", "fork server", "worker", "pool process", "all workers", "origin", "redis", "rabbitmq",
    "postgres", "beat",
]  # fmt: skip
Moment = Literal["boot", "verification", "warm-up", "window", "drain", "between trials", "stopping", "reports"]
"""`drain`: the window has closed, and answers are still to come. `reports`: they are being written."""
Hit = Literal["KILL", "STOP", "STOP 2 s", "TERM", "HUP", "INT"]
Broker = Literal["none", "own redis", "given redis", "rabbitmq"]
ROLES: tuple[Role, ...] = get_args(Role)
IN_TRIAL: tuple[Moment, ...] = ("verification", "warm-up", "window", "drain")
ALWAYS_THERE: tuple[Moment, ...] = ("boot", *IN_TRIAL, "between trials", "stopping")
SLOW: tuple[Role, ...] = ("rabbitmq", "postgres", "beat")
"""Drawn half as often as the others: what they take to start is time in which nothing is tried."""
CELERY = ("celery-threads:2", "celery-prefork:2", "celery-gevent:2", "celery-solo:1")
LOADS = {"closed": "closed:2", "open": "open:15/s", "drain": "drain:10", "burst": "burst:10"}
PAUSE_S = 2.0


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One run with one fault."""

    seed: int
    contender: str
    workload: str
    load: str
    broker: Broker
    boots: int
    drivers: int
    role: Role
    hit: Hit
    moment: Moment
    trial: int
    """In which of the trials, or after which of them; from 1."""
    at: float
    """How far into the moment, from 0 to 1."""

    def __str__(self) -> str:
        run = f"{self.contender}{'' if self.broker == 'none' else f' on {self.broker}'}, {self.workload}, {self.load}"
        run += ", 2 boots" if self.boots > 1 else ""
        run += f", {self.drivers} drivers" if self.drivers > 1 else ""
        when = self.moment if self.moment in ("boot", "stopping", "reports") else f"{self.moment}, trial {self.trial}"
        return f"{self.hit} → {self.role}, {when} ({run})"

    @property
    def signal(self) -> signal.Signals:
        """What is sent."""
        return signal.Signals[f"SIG{self.hit.split()[0]}"]

    @property
    def hits_given(self) -> bool:
        """Whether what is hit is not the run's own, so that the run cannot start it again."""
        return self.role == "rabbitmq" or (self.role == "redis" and self.broker == "given redis")


def draw(seed: int) -> Case:
    """The case of that number; the same on every machine, whatever is installed there."""
    rng = random.Random(seed)
    role = rng.choices(ROLES, [1 if role in SLOW else 2 for role in ROLES])[0]
    contender = _contender(rng, role)
    broker = _broker(rng, role) if contender in CELERY else "none"
    workload = _workload(rng, role)
    load = "burst:1" if workload == "periodic" else LOADS[rng.choice(list(LOADS))]
    splits = load.startswith(("closed", "open")) and rng.random() < 0.2
    return Case(
        seed=seed,
        contender=contender,
        workload=workload,
        load=load,
        broker=broker,
        boots=rng.choice((1, 1, 2)),
        drivers=2 if splits else 1,
        role=role,
        hit=_hit(rng, role),
        moment=_moment(rng, role),
        trial=rng.choice((1, 1, 2)),
        at=rng.random(),
    )


def _contender(rng: random.Random, role: Role) -> str:
    if role == "pool process":
        return "celery-prefork:2"
    if role in ("worker", "all workers", "redis", "rabbitmq", "beat"):
        return rng.choice(CELERY)
    return rng.choice(("asyncio:2", *CELERY))


def _broker(rng: random.Random, role: Role) -> Broker:
    if role == "rabbitmq":
        return "rabbitmq"
    kinds: list[Broker] = ["own redis", "given redis", "rabbitmq"]
    weights = (6, 4, 0) if role == "redis" else (6, 3, 1)
    return rng.choices(kinds, weights)[0]


def _workload(rng: random.Random, role: Role) -> str:
    of_role: dict[str, str] = {"origin": "http_date", "postgres": "sql_query", "beat": "periodic"}
    return of_role.get(role) or rng.choices(("sleep", "http_date", "sql_query"), (6, 3, 1))[0]


def _hit(rng: random.Random, role: Role) -> Hit:
    if role == "workbench":  # nobody can report one that is stopped for good
        return rng.choice(("KILL", "STOP 2 s", "TERM", "HUP", "INT"))
    if role == "rabbitmq":  # a container is killed or paused
        return rng.choice(("KILL", "STOP", "STOP 2 s"))
    return rng.choice(get_args(Hit))


def _moment(rng: random.Random, role: Role) -> Moment:
    if role == "workbench":
        return rng.choice((*ALWAYS_THERE, "reports"))
    if role in ("driver", "beat"):
        return rng.choice(IN_TRIAL)
    return rng.choice(ALWAYS_THERE)
