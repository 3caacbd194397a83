"""What the serializers of an application carry: those that it names, and how a reply arrives."""

import importlib.util
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from kombu import serialization
from kombu.exceptions import KombuError
from kombu.serialization import dumps, loads, prepare_accept_content

from harness.errors import UsageError

registry: Any = serialization.registry  # type: ignore[attr-defined]  # missing in the stubs
NEEDS = {"yaml": "PyYAML", "msgpack": "msgpack"}
"""Serializer of kombu's → the package that it needs."""


def unusable(task: Any, conf: Any) -> Iterator[tuple[str, str]]:
    """Each setting that names a serializer which cannot be used, or is not accepted, and why."""
    own = str(task.serializer or conf.task_serializer)
    named = {
        "task_serializer" if own == conf.task_serializer else "serializer": ("accept_content", own),
        "result_serializer": (
            "result_accept_content" if conf.result_accept_content else "accept_content",
            str(conf.result_serializer),
        ),
    }
    for setting, (_, name) in named.items():
        if (reason := _missing(name)) is not None:
            yield setting, reason
            return
    for setting in ("accept_content", "result_accept_content"):
        for name in map(str, conf[setting] or ()):
            if "/" not in name and name not in registry.name_to_type:
                yield setting, f"kombu has no serializer {name!r}.{_near(name)}"
                return
    for setting, (accepting, name) in named.items():
        accepted = conf[accepting] or ()
        if registry.name_to_type[name] not in (prepare_accept_content(list(map(str, accepted))) or ()):
            reader = (
                "no worker would take the task" if setting != "result_serializer" else "nobody could read the results"
            )
            yield setting, f"it is {name!r}, which {accepting} ({', '.join(map(str, accepted))}) has not: {reader}"


def _missing(name: str) -> str | None:
    """Why nothing can be sent with that serializer; None if it can."""
    if registry._encoders.get(name):
        return None
    package = NEEDS.get(name)
    if package is not None and importlib.util.find_spec(name) is None:
        return f"{name!r} needs {package}, which is not installed in {sys.prefix}: pip install {package}"
    return f"kombu has no serializer {name!r}.{_near(name)}"


def _near(name: str) -> str:
    known = sorted(registry._encoders)
    nearest = get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean {nearest[0]!r}?" if nearest else f" It has {', '.join(known)}."


def arrived(app: Any, reply: Any, number: int, who: str) -> Any:
    """A reply as whoever waits for it gets it; raises UsageError if the results' serializer cannot carry it."""
    serializer = str(app.conf.result_serializer)
    try:
        kind, encoding, data = dumps(reply, serializer)
        return loads(data, kind, encoding, accept=prepare_accept_content([serializer]))
    except (KombuError, ValueError, TypeError, RecursionError) as error:
        raise UsageError(
            f"payload {number}: the reply of {who} cannot be sent as {serializer} (result_serializer): {error}.\n"
            f"    it replied  {reply!r:.200}\n"
            "Return what that serializer takes: numbers, texts, lists, dicts; or a model's model_dump()."
        ) from error
