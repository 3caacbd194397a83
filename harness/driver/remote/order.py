"""What a session asks a driver on another machine to do: names and bounded numbers, checked where they arrive.

Whoever can publish on the broker can send an order. So none of its fields is a module, an argument of a process, a path
or a broker: the driver finds modules by names of its own registry, makes its own spool, and connects to the brokers
that it was started with. `docs/security.md` says what that promises.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from harness import registry
from harness.contenders.contender import Assignment, contender_of
from harness.driver.messages import TrialSpec
from harness.driver.modules import Preload, modules_of, preload_of
from harness.errors import UsageError, unknown
from harness.loads.load import parse_load
from harness.services.brokers.broker import BrokerPlace, kinds_of
from workloads.workload import Services

ORDER_BYTES_MOST = 256 * 1024
WHERE = "the order"

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Word = Annotated[str, Meta(max_length=256)]
Address = Annotated[str, Meta(max_length=512, pattern=r"\A[^\x00-\x20\x7f][^\x00-\x1f\x7f]*\Z")]
"""Name of a worker: anything printable."""
HttpUrl = Annotated[str, Meta(max_length=2048, pattern=r"\Ahttps?://[^\s\\?#]+\Z")]
Identifier = Annotated[str, Meta(max_length=63, pattern=r"\A[a-z_][a-z0-9_]*\Z")]
Seconds = Annotated[float, Meta(ge=0, le=7 * 86_400)]
Value = bool | int | float | Word | None


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One trial of one driver."""

    run: Annotated[str, Meta(min_length=1, max_length=256)]
    """Which has leased the driver."""
    contender: Name
    tuning: Annotated[list[Name], Meta(max_length=32)] = []
    workload: Name
    params: Annotated[dict[Name, Value], Meta(max_length=64)]
    load: Word
    slots: Annotated[int, Meta(ge=1, le=100_000)] | None
    broker: Name | None
    """Its kind; None where the contender needs none."""
    shards: Annotated[int, Meta(ge=1, le=1000)] = 1
    """How many of that kind there are, of which this driver has one."""
    results: Name | None
    """Kind of the result backend."""
    queue: Annotated[str, Meta(max_length=512, pattern=r"\A([^\x00-\x20\x7f][^\x00-\x1f\x7f]*)?\Z")] = ""
    workers: Annotated[list[Address], Meta(max_length=1000)] = []
    trial: Annotated[int, Meta(ge=0, lt=2**62)]
    backlog: bool = False
    origin_url: HttpUrl | None
    origin_is_ours: bool
    postgres_schema: Identifier | None
    warmup_s: Seconds
    warmup_requests: Annotated[int, Meta(ge=0, le=10**9)] = 0
    duration_s: Seconds | None
    requests: Annotated[int, Meta(ge=1, le=10**9)] | None
    timeout_s: Seconds
    seed: Annotated[int, Meta(ge=-(2**62), le=2**62)]
    driver: Annotated[int, Meta(ge=0, le=9999)]
    together: bool
    rest_s: Seconds | None = None
    stretch_s: Seconds | None = None
    look: bool = False
    at_most: Annotated[int, Meta(ge=1, le=10**9)] | None = None
    sampled: bool
    with_contenders: Annotated[list[Name], Meta(max_length=64)]
    """What else the run drives on that side, so that one fork server imports it all."""
    with_workloads: Annotated[list[Name], Meta(max_length=256)]


class Accepted(msgspec.Struct, frozen=True):
    """An order that this installation can carry out: the trial, where its spool is the driver's own matter."""

    run: str
    spec: TrialSpec
    side: str
    modules: list[str]
    """What the fork server imports."""


def order_of(spec: TrialSpec, preload: Preload, run: str) -> bytes:
    """A trial of the session's as an order; `run`: the name of its run."""
    assignment, services = spec.assignment, spec.assignment.services
    broker, results = kinds_of(assignment.broker) if assignment.broker is not None else (None, None)
    return msgspec.json.encode(
        Order(
            run=run,
            contender=spec.contender,
            tuning=assignment.tuning,
            workload=assignment.workload,
            params=spec.params,
            load=spec.load,
            slots=assignment.slots,
            broker=broker,
            shards=assignment.shards,
            results=results,
            queue=assignment.queue,
            workers=assignment.workers,
            trial=assignment.trial,
            backlog=assignment.backlog,
            origin_url=services.origin_url,
            origin_is_ours=services.origin_is_ours,
            postgres_schema=services.postgres_schema,
            warmup_s=spec.warmup_s,
            warmup_requests=spec.warmup_requests,
            duration_s=spec.duration_s,
            requests=spec.requests,
            timeout_s=spec.timeout_s,
            seed=spec.seed,
            driver=spec.driver,
            together=spec.together,
            rest_s=spec.rest_s,
            stretch_s=spec.stretch_s,
            look=spec.look,
            at_most=spec.at_most,
            sampled=spec.sampled,
            with_contenders=list(preload.contenders),
            with_workloads=list(preload.workloads),
        )
    )


def accepted(body: object, places: Mapping[str, Sequence[BrokerPlace]]) -> Accepted:
    """An order as a trial on the brokers of this driver, by their kinds; raises UsageError that says what is wrong."""
    order = _read(body)
    contender = contender_of(order.contender, order.tuning, WHERE)
    preload = preload_of([order.contender, *order.with_contenders], [order.workload, *order.with_workloads], WHERE)
    assignment = Assignment(
        workload=order.workload,
        tuning=[setting.name for setting in contender.tuning],
        slots=order.slots,
        services=_services(order),
        broker=_place(order, places) if contender.needs_broker else None,
        shards=order.shards,
        queue=order.queue,
        workers=order.workers,
        trial=order.trial,
        backlog=order.backlog,
    )
    spec = TrialSpec(
        contender=order.contender,
        assignment=assignment,
        params=_params(order),
        load=_load(order.load),
        warmup_s=order.warmup_s,
        warmup_requests=order.warmup_requests,
        duration_s=order.duration_s,
        requests=order.requests,
        timeout_s=order.timeout_s,
        seed=order.seed,
        spool="",
        driver=order.driver,
        together=order.together,
        rest_s=order.rest_s,
        stretch_s=order.stretch_s,
        look=order.look,
        at_most=order.at_most,
        sampled=order.sampled,
    )
    return Accepted(order.run, spec, contender.side, modules_of(preload))


def check_lease(run: str, holder: str) -> None:
    """Raise UsageError unless the run that sends an order is the one that has leased this driver."""
    if run != holder:
        has = f"run {holder} has leased this driver" if holder else "no run has leased this driver"
        raise UsageError(f"{WHERE} is one of run {run}, and {has}.")


def _load(text: str) -> str:
    """As it is written; raises UsageError for one that would be made from a file of this machine."""
    load = parse_load(text, WHERE)
    if load.from_file:
        raise UsageError(f"{WHERE}: {load.kind} is made from a file, and no order may name one.")
    return load.text


def _services(order: Order) -> Services:
    return Services(
        origin_url=order.origin_url,
        origin_is_ours=order.origin_is_ours,
        postgres_schema=order.postgres_schema,
        trial=order.trial,
    )


def _read(body: object) -> Order:
    if not isinstance(body, str) or len(body) > ORDER_BYTES_MOST:
        raise UsageError(f"{WHERE}: expected text of at most {ORDER_BYTES_MOST} characters.")
    try:
        return msgspec.json.decode(body, type=Order)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise UsageError(f"{WHERE}: {error}.") from None


def _place(order: Order, places: Mapping[str, Sequence[BrokerPlace]]) -> BrokerPlace:
    """This driver's own broker of the kind that the order names: of several, that of its number."""
    if order.broker is None:
        raise UsageError(f"{WHERE}: {order.contender} needs a broker, and none is named.")
    if order.broker not in places:
        raise unknown("kind of broker", order.broker, f"{WHERE}: start this driver with --broker for each", places)
    shards = places[order.broker]
    if len(shards) != order.shards:
        raise UsageError(
            f"{WHERE}: the run has {order.shards} brokers of the kind {order.broker}, this driver {len(shards)}. Start "
            "it with --broker for each, in the order of the run."
        )
    place = shards[order.driver % order.shards]
    if (ours := kinds_of(place)[1]) != order.results:
        raise UsageError(
            f"{WHERE}: the run keeps results of {order.broker} in {order.results}, this driver in {ours}. "
            "Start it with the --result-backend of the run."
        )
    return place


def _params(order: Order) -> dict[str, Any]:
    """Every parameter of the workload, within the bounds that it declares."""
    kind = registry.load("workload", order.workload, WHERE).Params
    for key in order.params:
        if key not in kind.__struct_fields__:
            raise unknown(f"parameter of {order.workload}", key, WHERE, kind.__struct_fields__)
    try:
        values: dict[str, Any] = msgspec.to_builtins(msgspec.convert(order.params, kind))
    except msgspec.ValidationError as error:
        raise UsageError(f"{WHERE}: {order.workload}: {error}.") from None
    return values
