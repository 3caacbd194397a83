"""A plan: which workloads, contenders and loads, in which views, for how many rounds; and the cells it comes to."""

import difflib
import itertools
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.settings.setting import written
from harness.errors import UsageError, unknown
from harness.loads.load import parse_load, plainly
from harness.plan.limit import FIRST_PER_S, Limit
from harness.results.model import Matched, Rung, at
from harness.services.brokers.broker import DEFAULT
from harness.statistics.intervals import ROUNDS_FOR_VERDICT
from harness.statistics.units import seconds

PLANS = Path(__file__).resolve().parents[2] / "plans"
ROUNDS_MOST = 1000
AUTO = "auto"
AUTO_LEAST, AUTO_MOST = ROUNDS_FOR_VERDICT, 30
"""Rounds of `rounds = "auto"`."""
FIND_RATE_WARMUP, FIND_RATE_DURATION = "1s", "10s"
"""Of a plan that does not say how long a rate must hold."""


class ViewPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[view]]`: the product of its workloads, contenders and loads."""

    name: str
    about: str = ""
    matched: Matched = "none"
    workloads: list[str]
    contenders: list[str]
    slots: list[int] = []
    """Slots for each of the contenders, which are then named without; each number makes cells of its own."""
    brokers: list[str] = []
    """Kinds of broker for each of the contenders that need one and are named without; none: the run's."""
    loads: list[str] = []
    rates: list[float] = []
    """Rates, in requests a second, each of which makes cells under `open:RATE/s`."""
    clients_per_slot: list[int] = []
    """Closed clients for each slot of a contender, each of which makes cells of its own: clients that follow slots."""
    drivers: list[int] = []
    """Numbers of processes that make the load, each of which makes cells of its own."""
    set: dict[str, dict[str, Any]] = {}
    """Workload → parameter → value, or a list of values of which each makes cells of its own."""
    duration: str | None = None
    """Where it is not the plan's."""
    warmup: str | None = None
    floor: bool = True
    """Whether the own cost of each of its contenders is measured too."""
    rung: Rung | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure."""

    name: str = ""
    about: str = ""
    rounds: int | str = 5
    """`auto`: until the throughput of each cell is known well enough."""
    duration: str = "5s"
    warmup: str = "1s"
    requests: int | None = None
    find_rate: str | None = None
    """A limit, such as `p99<250ms`: instead of loads, the highest rate that holds it is searched."""
    view: list[ViewPlan]


class CellPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to measure."""

    id: str
    views: list[str]
    workload: str
    params: dict[str, Any]
    contender: str
    tuning: list[str] = []
    """Names of the settings that are changed of it."""
    slots: int | None
    broker: str | None = None
    """Kind of broker, where it needs one."""
    load: str
    warmup_s: float = 0.0
    duration_s: float = 1.0
    requests: int | None = None
    """Requests of each trial instead of a duration."""
    rounds: int = 1
    drivers: int = 1
    """Processes that make its load."""


def shipped() -> dict[str, Path]:
    """The plans that come with the project, by name."""
    return {path.stem: path for path in sorted(PLANS.glob("*.toml"))}


def load_plan(name_or_path: str) -> Plan:
    """Read a plan by its name or its path; raises UsageError with the place of what is wrong."""
    path = shipped().get(name_or_path)
    if path is None:
        path = Path(name_or_path)
        if path.suffix != ".toml" and not path.exists():
            raise unknown("plan", name_or_path, "the command (a name, or the path of a .toml file)", shipped())
    return _checked(read_toml(path, f"plan {path}"), str(path), path.stem)


def read_toml(path: Path, where: str) -> dict[str, Any]:
    """A document; raises UsageError with what is wrong."""
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 ({error.reason} at byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: malformed TOML: {error}.") from None


def _checked(document: dict[str, Any], where: str, name: str) -> Plan:
    known_keys(document, Plan, f"plan {where}")
    views = document.get("view", [])
    for number, view in enumerate(views if isinstance(views, list) else [], start=1):
        if isinstance(view, dict):
            known_keys(view, ViewPlan, f"plan {where}, [[view]] {number}")
    try:
        plan = msgspec.convert({"name": name} | document, Plan)
    except msgspec.ValidationError as error:
        raise UsageError(f"plan {where}: {error}.") from None
    check_amounts(plan, f"plan {where}")
    return plan


def check_amounts(plan: Plan, where: str) -> None:
    """Raise UsageError where rounds, requests or durations are out of range."""
    if plan.rounds != AUTO and not (isinstance(plan.rounds, int) and 1 <= plan.rounds <= ROUNDS_MOST):
        raise UsageError(f"{where}: expected rounds from 1 to {ROUNDS_MOST} (int), or auto; got {plan.rounds!r}.")
    if plan.find_rate is not None:
        Limit.parse(plan.find_rate, f"{where}, find_rate")
        if plan.rounds == AUTO or plan.requests is not None:
            raise UsageError(f"{where}: a search for the highest rate takes a number of rounds, and no requests.")
    if plan.requests is not None and plan.requests < 1:
        raise UsageError(f"{where}: expected requests above 0; got {plan.requests}.")
    seconds(plan.duration, f"{where}, duration")
    seconds(plan.warmup, f"{where}, warmup")
    if not plan.view:
        raise UsageError(f"{where}: expected at least one [[view]].")
    for view in plan.view:
        for name, text in (("duration", view.duration), ("warmup", view.warmup)):
            if text is not None:
                seconds(text, f"{where}, view {view.name!r}, {name}")


def known_keys(table: dict[str, Any], kind: type[msgspec.Struct], where: str) -> None:
    """Raise UsageError for a key that there is not."""
    for key in table:
        if key not in kind.__struct_fields__:
            raise unknown("plan key", key, where, kind.__struct_fields__)


def cells(plan: Plan, where: str) -> list[CellPlan]:
    """All cells of a plan, each once even where several views show it; raises UsageError for what cannot be."""
    found: dict[str, CellPlan] = {}
    for view in plan.view:
        place = f"{where}, view {view.name!r}"
        _check_settings(view, place)
        members = [
            _cell(view, workload, params, contender, load, drivers, place)
            for workload in view.workloads
            for params in _variants(view, registry.check("workload", workload, place))
            for load, contender in _loaded(plan, view, place)
            for drivers in (*view.drivers,) or (1,)
        ]
        _check_matched(view, members, place)
        for cell in (_timed(plan, view, cell) for cell in members):
            known = found.get(cell.id, cell)
            found[cell.id] = msgspec.structs.replace(
                cell,
                views=list(dict.fromkeys([*known.views, view.name])),
                warmup_s=max(cell.warmup_s, known.warmup_s),
                duration_s=max(cell.duration_s, known.duration_s),
            )
    return list(found.values())


def _loaded(plan: Plan, view: ViewPlan, where: str) -> list[tuple[str, str]]:
    """Each load with each contender; clients that follow slots are each contender's own."""
    contenders = contenders_of(view, where)
    pairs = list(itertools.product(plan_loads(plan, view, where), contenders))
    for clients in view.clients_per_slot if plan.find_rate is None else []:
        if clients < 1:
            raise UsageError(f"{where}: expected clients_per_slot above 0; got {clients}.")
        for contender in contenders:
            slots = parse_contender(contender, where).slots
            if slots is None:
                raise UsageError(f"{where}: {contender} has no slots that its clients could follow (clients_per_slot).")
            pairs.append((f"closed:{clients * slots}", contender))
    return pairs


def contenders_of(view: ViewPlan, where: str) -> list[str]:
    """As they are written, each with each of the view's slots and brokers."""
    if view.slots and (named := [contender for contender in view.contenders if ":" in contender]):
        raise UsageError(f"{where}: slots are given twice: slots = {view.slots}, and {', '.join(named)}.")
    for broker in view.brokers:
        registry.check("broker", broker, f"{where}, brokers")
    found = []
    for slots in (*view.slots,) or (None,):
        for text in view.contenders:
            name, at, broker = text.partition("@")
            sized = name if slots is None else f"{name}:{slots}"
            needs = registry.load("contender", re.split("[:+]", name)[0], where).needs_broker
            brokers = [broker] if at else view.brokers if needs else []
            found += [f"{sized}@{one}" for one in brokers] or [sized]
    return found


def plan_loads(plan: Plan, view: ViewPlan, where: str) -> list[str]:
    """The loads of a plan's view; where a rate is searched, what the search begins with."""
    return loads_of(view, where) if plan.find_rate is None else [load_of(FIRST_PER_S)]


def loads_of(view: ViewPlan, where: str) -> list[str]:
    """As they are written, and one for each of the view's rates."""
    loads = [*view.loads, *map(load_of, view.rates)]
    if not loads and not view.clients_per_slot:
        raise UsageError(f"{where}: expected at least one load, in loads, rates or clients_per_slot.")
    return loads


def rounds_at_most(plan: Plan) -> int:
    """Its rounds; of `auto`, as many as there may be."""
    return plan.rounds if isinstance(plan.rounds, int) else AUTO_MOST


def load_of(rate_per_s: float) -> str:
    """The open load of that rate."""
    return f"open:{plainly(rate_per_s)}/s"


def _timed(plan: Plan, view: ViewPlan, cell: CellPlan) -> CellPlan:
    """With the view's times, else the plan's; where a rate is searched, its limit stands for the load in its id."""
    searched = plan.find_rate is not None
    return msgspec.structs.replace(
        cell,
        id=f"{cell.id.removesuffix(cell.load)}{plan.find_rate}" if searched else cell.id,
        warmup_s=seconds(view.warmup or plan.warmup, "warmup"),
        duration_s=seconds(view.duration or plan.duration, "duration"),
        requests=plan.requests,
        rounds=rounds_at_most(plan),
    )


def _check_settings(view: ViewPlan, where: str) -> None:
    for workload in view.set:
        registry.check("workload", workload, f"{where}, set")
        if workload not in view.workloads:
            raise UsageError(f"{where}: set names {workload!r}, which is none of its workloads.")


def _variants(view: ViewPlan, workload: str) -> list[dict[str, Any]]:
    """Every combination of the listed parameter values."""
    given = view.set.get(workload, {})
    lists = [value if isinstance(value, list) else [value] for value in given.values()]
    return [dict(zip(given, values, strict=True)) for values in itertools.product(*lists)]


def _cell(
    view: ViewPlan, workload: str, given: dict[str, Any], contender: str, load: str, drivers: int, where: str
) -> CellPlan:
    params = checked_params(workload, given, where)
    named = parse_contender(contender, where)
    parsed = parse_load(load, where)
    usual = checked_params(workload, {}, where)
    shown = "".join(f"[{key}={value}]" for key, value in sorted(params.items()) if value != usual[key])
    if drivers > 1 and parsed.share(0, drivers) is None:
        raise UsageError(f"{where}: {load} cannot be spread over {drivers} drivers.")
    spread = "" if drivers == 1 else f"{drivers} drivers/"
    identity = f"{workload}{shown}/{named}/{spread}{parsed.text}"
    return CellPlan(
        id=identity,
        views=[view.name],
        workload=workload,
        params=params,
        contender=named.name,
        tuning=list(named.tuning),
        slots=named.slots,
        broker=named.broker,
        load=parsed.text,
        drivers=drivers,
    )


def checked_params(workload: str, given: dict[str, Any], where: str) -> dict[str, Any]:
    """A workload's parameters, with the defaults of those not given; raises UsageError."""
    kind = registry.load("workload", workload, where).Params
    for key in given:
        if key not in kind.__struct_fields__:
            raise unknown(f"parameter of {workload}", key, where, kind.__struct_fields__)
    for key, value in given.items():
        try:
            msgspec.convert({key: value}, kind, strict=False)
        except msgspec.ValidationError as error:
            problem = str(error).partition(" - at ")[0]
            raise UsageError(f"{where}: {workload}.{key} = {value!r}: {problem}.") from None
    values: dict[str, Any] = msgspec.to_builtins(msgspec.convert(given, kind, strict=False))
    return values


class Named(NamedTuple):
    """A contender with the slots and the kind of broker that it will have."""

    name: str
    slots: int | None
    broker: str | None
    tuning: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is written: a broker that is the default goes without saying."""
        return self.name + written(self.tuning) + ("" if self.slots is None else f":{self.slots}") + at(self.broker)


def parse_contender(text: str, where: str) -> Named:
    """`NAME[+SETTING…][:SLOTS][@BROKER]`; raises UsageError."""
    sized, sign, broker = text.partition("@")
    tuned, colon, number = sized.partition(":")
    name, *settings = tuned.split("+")
    registry.check("contender", name, where)
    contender = contender_of(name, settings, f"{where}: {text!r}")
    tuning = tuple(one.name for one in contender.tuning)
    if sign and not contender.needs_broker:
        raise UsageError(f"{where}: {text!r}: {name} has no broker. Write {sized!r}.")
    if sign:
        registry.check("broker", broker, f"{where}: {text!r}")
    if colon and not (number.isascii() and number.isdigit() and 1 <= int(number) <= 100_000):
        raise UsageError(f"{where}: {text!r}: expected slots as a whole number above 0, such as {name}:8.")
    slots = contender.slots(int(number) if colon else None, f"{where}: {text!r}")
    return Named(name, slots, (broker or DEFAULT) if contender.needs_broker else None, tuning)


def _check_matched(view: ViewPlan, members: list[CellPlan], where: str) -> None:
    if view.matched == "slots" and not view.slots and len({cell.slots for cell in members}) > 1:
        shown = ", ".join(view.contenders)
        raise UsageError(f"{where}: matched = 'slots' needs the same slots everywhere; got {shown}.")


def parse_setting(text: str, where: str = "--set") -> tuple[str, str, str]:
    """`workload.param=value` → its three parts; raises UsageError."""
    name, equals, value = text.partition("=")
    workload, dot, parameter = name.partition(".")
    if not (equals and dot and workload and parameter):
        near = difflib.get_close_matches(workload, registry.names("workload"), n=1)
        example = f"{near[0] if near else 'sleep'}.{parameter or 'seconds'}=…"
        raise UsageError(f"{where} {text!r}: expected workload.param=value, such as {example}")
    return workload, parameter, value
