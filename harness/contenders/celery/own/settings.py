"""What is wrong with the settings of an application of the user's own: found before anything starts, with the place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from difflib import get_close_matches
from traceback import extract_tb
from types import ModuleType
from typing import Any

from celery import Celery
from celery.app import defaults
from celery.app.amqp import Queues
from celery.app.routes import Router, prepare
from celery.beat import ScheduleEntry
from celery.exceptions import ImproperlyConfigured
from celery.schedules import BaseSchedule

from harness.contenders.celery.own.serializing import unusable
from harness.errors import UsageError
from harness.jobs.importing import explained, shown
from harness.jobs.modules import theirs, where_said

_celery: Any = defaults
KNOWN: frozenset[str] = frozenset(_celery.SETTING_KEYS)
OLD: dict[str, str] = _celery._TO_OLD_KEY
"""Setting → its name before Celery 4."""
OPTIONS_OF: dict[str, Any] = dict(_celery.flatten(_celery.NAMESPACES))
"""Setting → what Celery says of it, such as its type."""
NUMBERS = ("int", "float")
OPTION_NUMBERS = (
    *("visibility_timeout", "polling_interval", "socket_timeout", "socket_connect_timeout", "max_connections"),
    *("health_check_interval", "unacked_restore_limit", "unacked_mutex_expire", "wait_time_seconds"),
)
"""Options of transports that kombu computes with."""
TRANSPORTS = ("broker_transport_options", "result_backend_transport_options")
LOADING = "config_from_object"
"""The function of Celery's loader that imports settings."""
RENAMED = re.compile(r"^(\w+)\s+-> (\w+)$", re.MULTILINE)
BUILT = ("task_queues", "task_routes", "beat_schedule")
"""Settings of which Celery makes something."""
TYPED = ("accept_", "beat_", "event_", "result_", "task_", "worker_")
"""Beginnings of settings whose types are checked: others belong to brokers and backends, which the run replaces."""
TYPO = 0.9
"""How near an unknown name must be to one of Celery's to be taken for a misspelt one: applications have names of their
own."""
OLD_PREFIXES = ("CELERY", "BROKER_")
REPLACED = ("broker_", "result_backend")
"""Applications give these to Celery(…) themselves, from names of their own."""
IGNORED = "Celery has no such setting, and would ignore it."
Wrong = Iterator[tuple[str, str]]


@contextmanager
def readable() -> Iterator[None]:
    """Raise UsageError where an application cannot read its settings, with the place where they are."""
    try:
        yield
    except ImproperlyConfigured as error:
        if not (renamed := RENAMED.findall(str(error))):
            raise
        where = where_said(renamed[0])
        names = ", ".join(f"{one} is {other}" for one, other in renamed[:3])
        raise UsageError(f"{where}{where and ': '}old and new names of settings are mixed: {names}.") from error
    except ImportError as error:
        if not any(frame.name == LOADING for frame in extract_tb(error.__traceback__)):
            raise
        where = where_said(["config_from_object", "config_from_envvar", "config_source"])
        raise UsageError(f"{where}{where and ': '}the application cannot read its settings: {error}.") from error


def check(app: Celery, task: Any) -> None:
    """Raise UsageError for the first setting that a worker or a caller of this application could not work with."""
    of_task = (lambda app: unusable(task, app.conf), lambda app: _limits(task, app.conf))
    for find in (_misspelt, _of_wrong_type, _of_transport, *of_task, _built):
        for setting, reason in find(app):
            names = [f"serializer={task.serializer!r}"] if setting == "serializer" else names_of(setting)
            raise UsageError(f"{_at(app, names)}{setting}: {reason}")
    with explained(f"what the application {named(app)} imports (include, imports)"):
        app.loader.import_default_modules()


def named(app: Celery) -> str:
    """Its name, and the file in which it is."""
    module = _module_of(app)
    where = f" ({shown(str(module.__file__))})" if module is not None else ""
    return f"{app.main or 'without a name'}{where}"


def names_of(setting: str) -> Sequence[str]:
    """As it may be written: in the application, with a namespace, or as in Celery 3."""
    return (setting, f"CELERY_{setting.upper()}", OLD.get(setting, setting))


def _limits(task: Any, conf: Any) -> Wrong:
    """Time limits, of which the application may have one and the task the other."""
    soft, hard = task.soft_time_limit, task.time_limit
    if soft and hard and soft > hard:
        of_app = (name for name in ("soft_time_limit", "time_limit") if conf[f"task_{name}"] == getattr(task, name))
        setting = next((f"task_{name}" for name in of_app), "soft_time_limit")
        yield setting, f"{task.name} has soft_time_limit {soft:g} s above time_limit {hard:g} s, and is never published"


def _at(app: Celery, names: Sequence[str]) -> str:
    """`FILE, line N: the application NAME: `, as far as it is known."""
    module = _module_of(app)
    where = where_said(names, () if module is None else (module,)) if names else ""
    return f"{where}: the application {app.main or 'without a name'}: " if where else f"the application {named(app)}: "


def _module_of(app: Celery) -> ModuleType | None:
    """The user's module that has it."""
    having = [module for module, _ in theirs() if any(value is app for value in list(vars(module).values()))]
    return min(having, key=lambda module: (module.__name__ != app.main, len(module.__name__)), default=None)


def _misspelt(app: Any) -> Wrong:
    """Names that Celery would silently ignore, and that are nearly its own."""
    prefix = str(getattr(app.conf, "prefix", "") or "")
    for key, value in _given(app).items():
        if callable(value) or isinstance(value, ModuleType):
            continue
        in_namespace = bool(prefix) and key.startswith(prefix)
        name = key.removeprefix(prefix).lower() if in_namespace else key
        if not prefix and key.startswith(OLD_PREFIXES) and key not in OLD.values():
            yield from _as_old(key)
        elif name.islower() and name not in KNOWN and (near := get_close_matches(name, KNOWN, 1, TYPO)):
            yield key, f"{IGNORED} Did you mean {near[0]!r}?"


def _as_old(key: str) -> Wrong:
    """Of an application without a namespace, whose upper-case names are those from before Celery 4."""
    new = key.removeprefix("CELERY_").lower()
    if new in KNOWN and not new.startswith(REPLACED):
        yield key, f"{IGNORED} Name it {new}, or say config_from_object(…, namespace='CELERY')."
    elif new not in KNOWN and (near := get_close_matches(key, OLD.values(), 1, TYPO)):
        yield key, f"{IGNORED} Did you mean {near[0]!r}?"


def _given(app: Any) -> dict[str, Any]:
    """What the application sets itself, as it writes it."""
    given: dict[str, Any] = {}
    for source in reversed(app.conf.maps[:-1]):
        given |= {key: source[key] for key in list(source) if isinstance(key, str) and not key.startswith("_")}
    return given


def _of_wrong_type(app: Celery) -> Wrong:
    for setting, option in OPTIONS_OF.items():
        value = app.conf.get(setting)
        ours = setting in BUILT or setting.startswith(REPLACED) or not setting.startswith(TYPED)
        if ours or value is None or value == option.default:
            continue
        if option.type in NUMBERS and not isinstance(value, (int, float, timedelta)):
            yield setting, f"it must be a number; got {value!r:.80}."
        elif option.type == "dict" and not isinstance(value, Mapping):
            yield setting, f"it must be a dict; got {value!r:.80}."
        elif option.type == "list" and (isinstance(value, str) or not hasattr(value, "__iter__")):
            yield setting, f"it must be a list; got {value!r:.80}."


def _of_transport(app: Celery) -> Wrong:
    for setting in TRANSPORTS:
        options = app.conf.get(setting) or {}
        if not isinstance(options, Mapping):
            yield setting, f"it must be a dict; got {options!r:.80}."
            continue
        for name in OPTION_NUMBERS:
            if not isinstance(options.get(name, 0), (int, float, type(None))):
                yield setting, f"{name} must be a number; got {options[name]!r:.80}."


def _built(app: Celery) -> Wrong:
    """What Celery makes something of, once its workers, its callers or its beat start."""
    for setting, build in zip(BUILT, (_queues, _routes, _entries), strict=True):
        value = app.conf.get(setting)
        if not value:
            continue
        try:
            with explained("Celery cannot use it"):
                build(app, value)
        except UsageError as error:
            yield setting, str(error)


def _queues(_app: Celery, value: Any) -> None:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise UsageError(f"it must be a list of kombu.Queue; got {value!r:.80}.")
    given = value.items() if isinstance(value, Mapping) else [(getattr(queue, "name", None), queue) for queue in value]
    for name, queue in given:
        if not isinstance(queue, Mapping) and name is None:
            raise UsageError(f"each must be a kombu.Queue, as in Queue('web'); got {queue!r:.80}.")
        if not isinstance(queue, Mapping) and not hasattr(queue, "exchange"):
            raise UsageError(f"{name!r} must be a kombu.Queue, or a dict of its options; got {queue!r:.80}.")
    Queues(value)


def _routes(app: Any, value: Any) -> None:
    """Each route can be looked up, and says where to."""
    for routes in value if isinstance(value, (list, tuple)) else (value,):
        pairs = routes.items() if isinstance(routes, Mapping) else routes if isinstance(routes, (list, tuple)) else ()
        if not callable(routes) and not isinstance(routes, (str, Mapping, list, tuple)):
            raise UsageError(f"a route must be a dict, a function or the name of one; got {routes!r:.80}.")
        for pair in pairs:
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise UsageError(f"a route must be a pair of a name and where to; got {pair!r:.80}.")
            name, route = pair
            if not isinstance(route, (str, Mapping)):
                raise UsageError(f"{name!r} must go to a queue's name, or a dict with one; got {route!r:.80}.")
    router = Router(prepare(value), create_missing=True, app=app)
    for name in [name for name in app.tasks if not name.startswith("celery.")]:
        said = router.lookup_route(name, (), {}, {}, app.tasks[name])
        if said is not None and not isinstance(said, (str, Mapping)):
            raise UsageError(f"the route of {name} must be a queue's name, or a dict; got {said!r:.80}.")


def _entries(app: Celery, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise UsageError(f"it must be a dict; got {value!r:.80}.")
    for name, entry in value.items():
        if not isinstance(entry, (Mapping, ScheduleEntry)):
            raise UsageError(f"{name!r} must be a dict with task and schedule; got {entry!r:.80}.")
        if isinstance(entry, Mapping):
            if missing := [part for part in ("task", "schedule") if not entry.get(part)]:
                raise UsageError(f"{name!r} has no {missing[0]}.")
            schedule = entry["schedule"]
            if not isinstance(schedule, (int, float, timedelta, BaseSchedule)):
                raise UsageError(f"{name!r}: schedule must be seconds, a timedelta or a crontab; got {schedule!r:.80}.")
            ScheduleEntry(**{**entry, "name": name, "app": app})
