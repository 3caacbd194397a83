"""What `workbench list` prints."""

from typing import Any, get_args, get_type_hints

import msgspec

from harness import registry
from harness.contenders.settings.setting import known
from harness.plan.ladder import load_ladder
from harness.plan.ladder import shipped as ladders
from harness.plan.plan import load_plan, shipped


def listing(kind: str | None) -> str:
    """The listing of one kind, or of all."""
    parts = {
        "workloads": _workloads,
        "contenders": _contenders,
        "settings": _settings,
        "loads": _loads,
        "plans": _plans,
        "ladders": _ladders,
    }
    if kind is not None:
        return "\n".join(parts[kind]())
    return "\n\n".join("\n".join([f"{name}:", *(f"  {line}" for line in lines())]) for name, lines in parts.items())


def _workloads() -> list[str]:
    lines = []
    for name in registry.names("workload"):
        definition = registry.load("workload", name)
        lines.append(f"{name:18}{definition.summary}")
        lines += [f"    {line}" for line in _parameters(name, definition.Params)]
    return lines


def _parameters(workload: str, kind: type[msgspec.Struct]) -> list[str]:
    """Each parameter as it is set, with its default and what it means."""
    hints = get_type_hints(kind, include_extras=True)
    return [
        f"--set {workload}.{field.name}={field.default}  {_meaning(hints[field.name])}"
        for field in msgspec.structs.fields(kind)
    ]


def _meaning(hint: Any) -> str:
    descriptions = [extra.description for extra in get_args(hint)[1:] if isinstance(extra, msgspec.Meta)]
    choices = get_args(get_args(hint)[0]) if get_args(hint) else ()
    if not descriptions:
        return ""
    shown = f" ({', '.join(choices)})" if choices else ""
    return f"{descriptions[0]}{shown}"


def _contenders() -> list[str]:
    return [f"{name:18}{registry.load('contender', name).summary}" for name in registry.names("contender")]


def _settings() -> list[str]:
    """As they are written behind a contender's name."""
    lines = []
    for side in ("asyncio", "celery"):
        for name, setting in known(side).items():
            unsafe = " (unsafe)" if setting.unsafe else ""
            lost = f"; gives up {setting.gives_up}" if setting.gives_up else ""
            lines.append(f"{side:8} +{name:24}{setting.about}{lost}{unsafe}")
    return lines


def _ladders() -> list[str]:
    return [f"{name:18}{load_ladder(name).about}" for name in ladders()]


def _loads() -> list[str]:
    found = [registry.load("load", name) for name in registry.names("load")]
    return [f"{load.syntax:18}{load.summary}" for load in found]


def _plans() -> list[str]:
    return [f"{name:18}{load_plan(name).about}" for name in shipped()]
