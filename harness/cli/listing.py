"""`workbench list`: lists workloads, contenders, settings, loads, faults, plans and ladders."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from harness import registry

if TYPE_CHECKING:
    import msgspec

Line = tuple[str, str]
"""What is typed, and what it is; indented where it belongs to the line before it."""
GAP, INDENT, NAME_MOST = 2, 4, 30
Kind = Literal["workloads", "contenders", "settings", "loads", "faults", "plans", "ladders"]


def list_(
    kind: Annotated[Kind | None, typer.Argument(help="What to list. Default: everything.", show_default=False)] = None,
) -> None:
    """List workloads with their parameters, contenders with their settings, loads, faults, plans and ladders."""
    print(listing(kind))


def listing(kind: Kind | None) -> str:
    """The listing of one kind, or of all with their headings."""
    if kind is not None:
        return "\n".join(_written(PARTS[kind]()))
    return "\n\n".join(
        "\n".join([f"{name}:", *(f"  {line}" for line in _written(part()))]) for name, part in PARTS.items()
    )


def _written(lines: Iterable[Line]) -> list[str]:
    """In two columns; on a terminal, in lines that fit it."""
    rows = list(lines)
    columns = shutil.get_terminal_size().columns - GAP if sys.stdout and sys.stdout.isatty() else None
    widest = max((len(name) for name, _ in rows if len(name) <= NAME_MOST and not name.startswith(" ")), default=0)
    written = []
    for name, about in rows:
        head = f"{name + ' ' * GAP:{widest + GAP}}"
        text = f"{head}{about}".rstrip()
        later = " " * (2 * INDENT if name.startswith(" ") else widest + GAP)
        written += textwrap.wrap(text, columns, subsequent_indent=later, break_on_hyphens=False) if columns else [text]
    return written


def _workloads() -> list[Line]:
    lines = []
    for name in registry.names("workload"):
        definition = registry.load("workload", name)
        lines.append((name, definition.summary))
        lines += _parameters(name, definition.Params)
    from harness.plan.own_jobs import offered

    return lines + [(name, f"a job of an installed package: {place}") for name, place in offered().items()]


def _parameters(workload: str, kind: "type[msgspec.Struct]") -> list[Line]:
    """Each parameter as written after `--set`, with its default and its meaning."""
    import msgspec

    hints = get_type_hints(kind, include_extras=True)
    return [
        (f"{' ' * INDENT}--set {workload}.{field.name}={_default(field.default)}", _meaning(hints[field.name]))
        for field in msgspec.structs.fields(kind)
    ]


def _default(value: object) -> str:
    """As it is written; `…` where there is none."""
    import msgspec

    return "…" if value is None or value is msgspec.NODEFAULT else str(value)


def _meaning(hint: Any) -> str:
    """The description in an annotation, with the choices of a Literal; empty if there is none."""
    from harness.plan.invalid import choices

    extras = getattr(getattr(hint, "__value__", hint), "__metadata__", ())  # the first is a type alias
    descriptions = [extra.description for extra in extras if getattr(extra, "description", None)]
    words = ", ".join(choices(hint))
    return " ".join([*descriptions[:1], *([f"({words})"] if words else [])])


def _contenders() -> list[Line]:
    return [(name, registry.load("contender", name).summary) for name in registry.offered("contender")]


def _settings() -> list[Line]:
    """Settings as written after a contender's name."""
    from harness.contenders.settings.setting import known

    lines = []
    for side in ("asyncio", "celery"):
        for name, setting in known(side).items():
            unsafe = " (unsafe)" if setting.unsafe else ""
            lost = f"; gives up {setting.gives_up}" if setting.gives_up else ""
            promise = f"; promises {setting.promise}" if setting.promise else ""
            lines.append((f"{side:8} +{name}", f"{setting.about}{promise}{lost}{unsafe}"))
        lines.append((f"{side:8} +tuned", f"those that helped in the ladder of {side} and can lose no work, together"))
    return lines


def _loads() -> list[Line]:
    loads = [registry.load("load", name) for name in registry.names("load")]
    return [(load.syntax, load.summary) for load in loads]


def _faults() -> list[Line]:
    """Faults as written in the load `crash:FAULT@N:LOAD`."""
    return [(name, registry.load("fault", name).summary) for name in registry.names("fault")]


def _plans() -> list[Line]:
    from harness.plan.reading import load_plan, shipped

    return [(name, load_plan(name).about) for name in shipped()]


def _ladders() -> list[Line]:
    from harness.plan.ladder import load_ladder, shipped

    return [(name, load_ladder(name).about) for name in shipped()]


PARTS: dict[Kind, Callable[[], list[Line]]] = {
    "workloads": _workloads,
    "contenders": _contenders,
    "settings": _settings,
    "loads": _loads,
    "faults": _faults,
    "plans": _plans,
    "ladders": _ladders,
}
"""Kind → the function that lists it, in the order of the listing."""
