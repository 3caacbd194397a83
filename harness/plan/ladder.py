"""A ladder: a base, and rungs that each change one thing of it; read from a file, and made a plan of."""

from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.contender import contender_of
from harness.errors import UsageError, unknown
from harness.plan import plan as plans
from harness.plan.plan import Plan, ViewPlan
from harness.results.model import Rung

LADDERS = plans.PLANS / "ladders"


class RungPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[rung]]`. What changes: a setting, or else contenders, one parameter or the drivers, base first."""

    setting: str | None = None
    """Added to the base; its own texts are the rung's."""
    name: str = ""
    about: str = ""
    gives_up: str = ""
    unsafe: bool = False
    base: str = ""
    """Where it is not the ladder's."""
    workload: str = ""
    contenders: list[str] = []
    drivers: list[int] = []
    set: dict[str, Any] = {}
    """Parameters of the workload."""
    loads: list[str] = []


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """The file."""

    name: str = ""
    about: str = ""
    base: str
    workload: str
    set: dict[str, Any] = {}
    """Parameters of that workload."""
    loads: list[str]
    rounds: int = 6
    duration: str = "0.6s"
    warmup: str = "0.2s"
    rung: list[RungPlan]


def shipped() -> dict[str, Path]:
    """The ladders that come with the project, by name."""
    return {path.stem: path for path in sorted(LADDERS.glob("*.toml"))}


def load_ladder(name_or_path: str) -> Ladder:
    """Read a ladder by its name or its path; raises UsageError with the place of what is wrong."""
    path = shipped().get(name_or_path)
    if path is None:
        path = Path(name_or_path)
        if path.suffix != ".toml" and not path.exists():
            raise unknown("ladder", name_or_path, "the command (a name, or the path of a .toml file)", shipped())
    where = f"ladder {path}"
    document = plans.read_toml(path, where)
    plans.known_keys(document, Ladder, where)
    for number, rung in enumerate(document.get("rung", []), start=1):
        plans.known_keys(rung, RungPlan, f"{where}, [[rung]] {number}")
    try:
        return msgspec.convert({"name": path.stem} | document, Ladder)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}.") from None


def plan_of(ladder: Ladder, where: str) -> Plan:
    """A view for each rung; the base's cells are shared. Raises UsageError for what cannot be, with its place."""
    return Plan(
        name=f"ladder-{ladder.name}",
        about=ladder.about,
        rounds=ladder.rounds,
        duration=ladder.duration,
        warmup=ladder.warmup,
        view=[view_of(ladder, rung, f"{where}, [[rung]] {n}") for n, rung in enumerate(ladder.rung, 1)],
    )


def view_of(ladder: Ladder, rung: RungPlan, where: str) -> ViewPlan:
    """Two cells under each load: as it is, and changed."""
    base, workload = rung.base or ladder.base, rung.workload or ladder.workload
    params = rung.set if rung.workload else ladder.set | rung.set
    name, about, gives_up, unsafe = rung.name, rung.about, rung.gives_up, rung.unsafe
    contenders = rung.contenders or [base]
    if rung.setting is not None:
        contenders = [base, with_settings(base, [rung.setting])]
        named = plans.parse_contender(contenders[1], where)
        setting = contender_of(named.name, named.tuning).tuning[-1]
        name, about = name or setting.name, about or setting.about
        gives_up, unsafe = gives_up or setting.gives_up, unsafe or setting.unsafe
    if not name:
        raise UsageError(f"{where}: expected a setting or a name.")
    view = ViewPlan(
        name=name,
        about=about,
        workloads=[workload],
        contenders=contenders,
        drivers=rung.drivers,
        set={workload: params} if params else {},
        loads=rung.loads or ladder.loads,
        floor=False,
    )
    made = plans.cells(Plan(view=[view]), where)
    if len(made) != 2 * len(view.loads):
        raise UsageError(f"{where}, {name!r}: expected one thing changed, with two values; got {len(made)} cells.")
    firsts = {cell.load: cell.id for cell in reversed(made)}
    return msgspec.structs.replace(view, rung=Rung(base=tuple(firsts.values()), gives_up=gives_up, unsafe=unsafe))


def with_settings(contender: str, settings: list[str]) -> str:
    """`NAME[+SETTING…]:SLOTS` with these behind its own."""
    name, colon, slots = contender.partition(":")
    return "+".join([name, *settings]) + colon + slots
