"""Ladders: a base, and rungs that each change one thing; reads them from files and makes their plans."""

from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.contender import contender_of
from harness.errors import UsageError
from harness.plan.cells import cells
from harness.plan.checks import check_amounts
from harness.plan.contender_spec import parse_contender
from harness.plan.plan import Plan, ViewPlan
from harness.plan.reading import find, read
from harness.registry import PLANS
from harness.results.model import Rung

LADDERS = PLANS / "ladders"


class RungPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[rung]]`. What changes: a setting, or else contenders, one parameter or the drivers, base first."""

    setting: str | None = None
    """Added to the base; its texts are the rung's unless the rung has its own."""
    name: str = ""
    """By default, the setting's name."""
    about: str = ""
    """What the change is."""
    gives_up: str = ""
    """What it costs; empty if nothing."""
    unsafe: bool = False
    """Whether it can lose work."""
    base: str = ""
    """Overrides the ladder's."""
    workload: str = ""
    """Overrides the ladder's."""
    contenders: list[str] = []
    """Two: without and with the change."""
    drivers: list[int] = []
    """Two numbers of processes that make the load."""
    set: dict[str, Any] = {}
    """Parameters of the workload; a list of two values is the change."""
    loads: list[str] = []
    """Overrides the ladder's."""


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """A ladder as its file has it."""

    name: str = ""
    """By default, the file's name."""
    about: str = ""
    """What `workbench list ladders` says of it."""
    base: str
    """The contender that each rung changes."""
    workload: str
    """What is done in a request."""
    set: dict[str, Any] = {}
    """Parameters of that workload."""
    loads: list[str]
    """As in a plan; each rung is compared under each."""
    rounds: int = 6
    """Rounds of each stage; a verdict needs 5."""
    boots: int | None = None
    """How many times the services are started in each stage."""
    duration: str = "0.6s"
    """Length of each measured window."""
    warmup: str = "0.2s"
    """The least warm-up."""
    rung: list[RungPlan]
    """One `[[rung]]` for each change."""


def shipped() -> dict[str, Path]:
    """The ladders that come with the project, by name."""
    return {path.stem: path for path in sorted(LADDERS.glob("*.toml"))}


def load_ladder(name_or_path: str) -> Ladder:
    """Read a ladder by its name or its path; raises UsageError with the place of what is wrong."""
    path = find("ladder", name_or_path, shipped())
    return read(path, f"ladder {path}", Ladder, {"rung": RungPlan})


def asked_ladder(
    name_or_path: str, rounds: int | None, duration: str | None, boots: int | None = None
) -> tuple[Ladder, Plan]:
    """A ladder with the rounds, boots and duration that were given, and its plan; raises UsageError."""
    ladder = load_ladder(name_or_path)
    if rounds is not None:
        ladder = msgspec.structs.replace(ladder, rounds=rounds, boots=None)
    if boots is not None:
        ladder = msgspec.structs.replace(ladder, boots=boots)
    if duration is not None:
        ladder = msgspec.structs.replace(ladder, duration=duration)
    where = f"ladder {name_or_path}"
    plan = plan_of(ladder, where)
    check_amounts(plan, where)
    return ladder, plan


def plan_of(ladder: Ladder, where: str) -> Plan:
    """A view for each rung; they share the cells of the base. Raises UsageError with the place of what is wrong."""
    return Plan(
        name=f"ladder-{ladder.name}",
        about=ladder.about,
        rounds=ladder.rounds,
        boots=ladder.boots,
        duration=ladder.duration,
        warmup=ladder.warmup,
        view=[view_of(ladder, rung, f"{where}, [[rung]] {n}") for n, rung in enumerate(ladder.rung, 1)],
    )


def view_of(ladder: Ladder, rung: RungPlan, where: str) -> ViewPlan:
    """Two cells under each load: as it is, and changed."""
    rung, contenders = _with_setting(ladder, rung, where)
    if not rung.name:
        raise UsageError(f"{where}: expected a setting or a name.")
    workload = rung.workload or ladder.workload
    params = rung.set if rung.workload else ladder.set | rung.set
    view = ViewPlan(
        name=rung.name,
        about=rung.about,
        workloads=[workload],
        contenders=contenders,
        drivers=rung.drivers,
        set={workload: params} if params else {},
        loads=rung.loads or ladder.loads,
        floor=False,
        publishing=True,
    )
    members = cells(Plan(view=[view]), where)
    if len(members) != 2 * len(view.loads):
        raise UsageError(
            f"{where}, {rung.name!r}: expected one thing changed, with two values; got {len(members)} cells."
        )
    firsts = {cell.load: cell.id for cell in reversed(members)}
    shown = Rung(base=tuple(firsts.values()), gives_up=rung.gives_up, unsafe=rung.unsafe)
    return msgspec.structs.replace(view, rung=shown)


def _with_setting(ladder: Ladder, rung: RungPlan, where: str) -> tuple[RungPlan, list[str]]:
    """The rung, with the texts of its setting for those that it lacks; and its contenders."""
    base = rung.base or ladder.base
    if rung.setting is None:
        return rung, rung.contenders or [base]
    changed = with_settings(base, [rung.setting])
    spec = parse_contender(changed, where)
    setting = contender_of(spec.name, spec.settings).tuning[-1]
    described = msgspec.structs.replace(
        rung,
        name=rung.name or setting.name,
        about=rung.about or setting.about,
        gives_up=rung.gives_up or setting.gives_up,
        unsafe=rung.unsafe or setting.unsafe,
    )
    return described, [base, changed]


def with_settings(contender: str, settings: list[str]) -> str:
    """`NAME[+SETTING…][:SLOTS]` with these settings added."""
    name, colon, slots = contender.partition(":")
    return "+".join([name, *settings]) + colon + slots
