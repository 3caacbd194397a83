"""A case: which run, which of its processes are hit, by what, and when; drawn from one number."""

import random
import signal
from typing import Literal, cast, get_args

import msgspec

Role = Literal[
    "workbench", "driver", "fork server", "worker", "pool process", "all workers", "origin", "redis", "rabbitmq",
    "postgres", "beat", "external worker", "remote driver",
]  # fmt: skip
Moment = Literal["boot", "verification", "warm-up", "window", "drain", "between trials", "stopping", "reports"]
"""`drain`: the window has closed, and answers are still to come. `reports`: they are being written."""
Signalled = Literal["KILL", "STOP", "STOP 2 s", "TERM", "HUP", "INT"]
Command = Literal["FLUSHALL", "FLUSHDB", "CLIENT KILL", "DEL"]
"""What somebody else may execute on a Redis; `DEL`: of the run's queue."""
Hit = Signalled | Command
Broker = Literal["none", "own redis", "given redis", "rabbitmq", "own rabbitmq"]
ROLES: tuple[Role, ...] = get_args(Role)
IN_TRIAL: tuple[Moment, ...] = ("verification", "warm-up", "window", "drain")
ALWAYS_THERE: tuple[Moment, ...] = ("boot", *IN_TRIAL, "between trials", "stopping")
SLOW: tuple[Role, ...] = ("rabbitmq", "postgres", "beat", "external worker", "remote driver")
"""Drawn half as often as the others: what they take to start is time in which nothing is tried."""
ELSEWHERE: tuple[Role, ...] = ("external worker", "remote driver")
"""Started beside the run, not by it."""
GIVEN: tuple[tuple[Role, Broker], ...] = (("redis", "given redis"), ("rabbitmq", "rabbitmq"))
"""Which role a broker has that is given to a run."""
SOLO = "celery-solo:1"
CELERY = ("celery-threads:2", "celery-prefork:2", "celery-gevent:2", SOLO)
LOADS = {"closed": "closed:2", "open": "open:15/s", "drain": "drain:10", "burst": "burst:10"}
PAUSE_S = 2.0
SHARED = 4
"""Hits of a case that has several: one in every other trial."""


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """One fault."""

    role: Role
    hit: Hit
    moment: Moment
    trial: int
    """In which of the trials, or after which of them; from 1."""
    at: float
    """How far into the moment, from 0 to 1."""

    def __str__(self) -> str:
        when = self.moment if self.moment in ("boot", "stopping", "reports") else f"{self.moment}, trial {self.trial}"
        return f"{self.hit} → {self.role}, {when}"

    @property
    def signal(self) -> signal.Signals | None:
        """What is sent; None for a command."""
        return signal.Signals[f"SIG{self.hit.split()[0]}"] if self.command is None else None

    @property
    def command(self) -> Command | None:
        """What the server that is hit executes; None for a signal."""
        return cast("Command", self.hit) if self.hit in get_args(Command) else None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One run with its faults."""

    seed: int
    contender: str
    workload: str
    load: str
    broker: Broker
    workers: Literal["embedded", "external"] = "embedded"
    waiting: int = 1
    """Workers beside the run, where they are external."""
    in_compose: bool = False
    """Whether run, broker and workers are containers of docker-compose.yml."""
    boots: int
    drivers: int
    strikes: tuple[Strike, ...]

    def __str__(self) -> str:
        run = f"{self.contender}{'' if self.broker == 'none' else f' on {self.broker}'}, {self.workload}, {self.load}"
        waiting = "external workers" if self.waiting == 1 else f"{self.waiting} external workers"
        run += f", {waiting}" if self.workers == "external" else ""
        run += ", in Compose" if self.in_compose else ""
        run += ", 2 boots" if self.boots > 1 else ""
        run += f", {self.drivers} drivers" if self.drivers > 1 else ""
        return f"{'; '.join(map(str, self.strikes))} ({run})"

    def is_given(self, strike: Strike) -> bool:
        """Whether what is hit is not the run's own, so that the run cannot start it again."""
        return strike.role in ELSEWHERE or (strike.role, self.broker) in GIVEN

    @property
    def hits_given(self) -> bool:
        """Whether any of it is."""
        return any(map(self.is_given, self.strikes))


def draw(seed: int) -> Case:
    """The case of that number, with one fault; the same on every machine, whatever is installed there."""
    rng = random.Random(seed)
    role = rng.choices(ROLES, [1 if role in SLOW else 2 for role in ROLES])[0]
    is_external = role in ELSEWHERE or (role == "redis" and rng.random() < 0.2)
    contender = _contender(rng, role)
    broker = _broker(rng, role, is_external=is_external) if contender in CELERY else "none"
    workload = _workload(rng, role, is_external=is_external)
    load = "burst:1" if workload == "periodic" else _load(rng, contender)
    splits = load.startswith(("closed", "open")) and rng.random() < 0.2
    if role == "remote driver":
        load, splits = LOADS[rng.choice(("closed", "open"))], True
    strike = Strike(
        role=role, hit=_hit(rng, role), moment=_moment(rng, role), trial=rng.choice((1, 1, 2)), at=rng.random()
    )
    return Case(
        seed=seed,
        contender=contender,
        workload=workload,
        load=load,
        broker=broker,
        workers="external" if is_external else "embedded",
        boots=1 if is_external else rng.choice((1, 1, 2)),
        drivers=2 if splits else 1,
        strikes=(strike,),
    )


def draw_shared(seed: int) -> Case:
    """The case of that number with several faults in one run: what each needs to start is there once for all."""
    rng = random.Random(seed)
    contender = rng.choice(("celery-prefork:2", "celery-prefork:2", *CELERY))
    roles: list[Role] = ["driver", "fork server", "worker", "all workers", "origin", "redis", "redis"]
    roles += ["pool process"] if contender == "celery-prefork:2" else []
    moments: tuple[Moment, ...] = ("verification", "warm-up", "window", "window", "window", "drain", "between trials")
    strikes: list[Strike] = []
    for number in range(SHARED):
        role = rng.choice(roles)
        moment = rng.choice(moments[:-1] if role == "driver" else moments)
        hit = _hit(rng, role)
        if hit == "STOP" and any(strike.hit == "STOP" for strike in strikes):
            hit = "STOP 2 s"  # one that lasts is seven seconds in which nothing else is tried
        strikes.append(Strike(role=role, hit=hit, moment=moment, trial=2 * number + 1, at=rng.random()))
    return Case(
        seed=seed,
        contender=contender,
        workload="http_date",
        load=_load(rng, contender),
        broker="own redis",
        boots=1,
        drivers=1,
        strikes=tuple(strikes),
    )


def _contender(rng: random.Random, role: Role) -> str:
    if role == "pool process":
        return "celery-prefork:2"
    if role in ("worker", "all workers", "redis", "rabbitmq", "beat", *ELSEWHERE):
        drawn = rng.choice(CELERY)
        # one with the pool solo counts as gone after more than a minute (docs/scaling.md): no case waits for that
        return "celery-threads:2" if (role, drawn) == ("external worker", SOLO) else drawn
    return rng.choice(("asyncio:2", *CELERY))


def _broker(rng: random.Random, role: Role, *, is_external: bool) -> Broker:
    if is_external and role != "rabbitmq":
        return "given redis"
    if role == "rabbitmq":
        return "rabbitmq"
    kinds: list[Broker] = ["own redis", "given redis", "rabbitmq"]
    weights = (6, 4, 0) if role == "redis" else (6, 3, 1)
    return rng.choices(kinds, weights)[0]


def _workload(rng: random.Random, role: Role, *, is_external: bool) -> str:
    if is_external:
        return "sleep"  # an origin or a PostgreSQL would have to be started beside it, too
    of_role: dict[str, str] = {"origin": "http_date", "postgres": "sql_query", "beat": "periodic"}
    return of_role.get(role) or rng.choices(("sleep", "http_date", "sql_query"), (6, 3, 1))[0]


def _load(rng: random.Random, contender: str) -> str:
    """One that its slots can serve: beyond that, each trial takes as long as its deadlines allow."""
    kind = rng.choice(list(LOADS))
    return "open:5/s" if (kind, contender) == ("open", SOLO) else LOADS[kind]


def _hit(rng: random.Random, role: Role) -> Hit:
    if role == "workbench":  # nobody can report one that is stopped for good
        return rng.choice(("KILL", "STOP 2 s", "TERM", "HUP", "INT"))
    if role == "rabbitmq":  # a container is killed or paused
        return rng.choice(("KILL", "STOP", "STOP 2 s"))
    if role == "redis" and rng.random() < 0.3:
        return rng.choice(get_args(Command))
    return rng.choice(get_args(Signalled))


def _moment(rng: random.Random, role: Role) -> Moment:
    if role == "workbench":
        return rng.choice((*ALWAYS_THERE, "reports"))
    if role in ("driver", "beat", *ELSEWHERE):
        return rng.choice(IN_TRIAL)
    return rng.choice(ALWAYS_THERE)
