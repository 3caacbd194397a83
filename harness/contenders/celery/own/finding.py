"""Finds the task of a job of the user's own, and the Celery application that it belongs to."""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from functools import cache
from traceback import extract_tb
from types import ModuleType
from typing import Any, NamedTuple

from celery import Celery, Task
from celery import _state as celery_state
from celery.app.utils import find_app
from celery.canvas import Signature

from celery_side.app import app as workbench
from harness.contenders.celery.own import settings
from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.calling import call_of, spreads
from harness.jobs.importing import explained, is_of_the_user, module_named, object_at, place_of
from harness.jobs.loading import DJANGO, loaded
from workloads.job import Job
from workloads.side import CelerySide


class OwnTask(NamedTuple):
    """The Celery side of a job."""

    side: CelerySide
    app: Any


class ByPosition:
    """A task of whose arguments some can be given by position alone; it is published by names, as all others are."""

    def __init__(self, task: Any, signature: inspect.Signature) -> None:
        self._task = task
        self._signature = signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    def apply_async(self, *, kwargs: dict[str, Any], **options: Any) -> Any:
        """As the task does."""
        return self._task.apply_async(*call_of(self._signature, kwargs), **options)

    def apply(self, *, kwargs: dict[str, Any]) -> Any:
        """As the task does."""
        return self._task.apply(*call_of(self._signature, kwargs))


@cache
def own_task(name: str) -> OwnTask:
    """The task and the application of the job of that name in this run; raises UsageError."""
    job = loaded(name)
    return found(job, registered.get(name).spec.given)


def found(job: Job, given: str) -> OwnTask:
    """The Celery side that a job declares, its task as its application has registered it; raises UsageError."""
    with settings.readable():
        return _found(job, given)


def _found(job: Job, given: str) -> OwnTask:
    named = _named_app(job)
    declared = object_at(job.task, "the task") if isinstance(job.task, str) else job.task
    side = declared if isinstance(declared, CelerySide) else None
    task = side.task if side is not None else declared
    if not isinstance(task, Task):
        raise UsageError(_no_task(task))
    app = named or _app_of(task, given)
    with explained(f"the application of {task.name}"), settings.readable():
        app.set_default()
        app.set_current()
        app.finalize(auto=True)
        _ = app.conf.task_serializer  # its settings are read now
    if task.name not in app.tasks:
        raise UsageError(
            f"the application {app.main or app!r} has no task {task.name}; it has "
            f"{', '.join(sorted(name for name in app.tasks if not name.startswith('celery.'))) or 'none'}."
        )
    task = app.tasks[task.name]
    signature = inspect.signature(task.run)
    if spreads(signature):
        task = ByPosition(task, signature)
    if side is None:
        return OwnTask(CelerySide(task=task), app)
    return OwnTask(
        CelerySide(
            task=task,
            canvas=side.canvas,
            request=side.request,
            ignores=side.ignores,
            several=side.several,
            chords=side.chords,
        ),
        app,
    )


def _no_task(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, Task):
        name = value.__qualname__
        return f"{value.__module__}:{name} is a class of tasks: name the one that app.register_task({name}()) returns."
    if isinstance(value, Signature):
        return (
            f"{value!r} is a {type(value).__name__.strip('_').lower()} rather than a task. Name the task; or, for "
            "several, Job(task=CelerySide(task=…, canvas=…)), whose canvas makes it of the arguments "
            "(docs/adding-a-workload.md)."
        )
    if isinstance(owner := getattr(value, "__self__", None), Task):
        return f"{value.__name__} is what publishes the task {owner.name}: name the task itself."
    if callable(value):
        place = place_of(value)
        return (
            f"{place.file or place.name}, line {place.line}: {getattr(value, '__name__', value)} is no Celery task. "
            "Decorate it with @app.task or @shared_task."
        )
    return f"the task must be a Celery task; got {value!r}."


def _named_app(job: Job) -> Any:
    """The application that the job names; None if it names none."""
    if job.app is None:
        return None
    if not isinstance(job.app, str):
        return job.app
    with explained(f"the application {job.app}"):
        app = _celery_of(_found_at(job.app))
    if not isinstance(app, Celery):
        instead = _call(app) or _beside(job.app)
        raise UsageError(f"the application {job.app}: `celery -A {job.app}` finds none there; got {app!r}.{instead}")
    with explained(f"the application {job.app}"):
        app.set_default()
        app.loader.import_default_modules()  # as its workers do, which sets up Django
    return app


def _app_of(task: Any, given: str) -> Any:
    """The application that has registered the task; for a shared task, the one that the project has."""
    app = task.app
    app = app._get_current_object() if hasattr(app, "_get_current_object") else app
    if not _is_fallback(app):
        return app
    for name in _candidates(task.__module__):
        if importlib.util.find_spec(name) is None:
            continue
        with explained(f"{name}, in which the application of {task.name} may be"):
            module = importlib.import_module(name)
            app = _in(module)
        if app is not None:
            return app
    made = [app for app in _active_apps() if not _is_fallback(app)]
    if len(made) == 1:
        return made[0]
    raise UsageError(
        f"{given}: {task.name} is a shared task, and no application was found that has it. Say which one, as after "
        '`celery -A`: Job(app="PACKAGE.MODULE"), or what makes it: Job(app="PACKAGE:create_app()"). A Django project: '
        f"set {DJANGO}."
    )


def _active_apps() -> list[Any]:
    """All applications that have been made in this process."""
    state: Any = celery_state
    return list(state._get_active_apps())


def _is_fallback(app: Any) -> bool:
    """Whether it is none of the user's: Celery has made it itself, because there was none, or it is the workbench's."""
    return app is workbench or (app.main in (None, "default") and app.set_as_current is False)


def _candidates(module: str) -> Iterator[str]:
    """Modules in which Celery's own `-A` would find an application: of the Django project, and around the task."""
    settings = os.environ.get(DJANGO, "")
    for start in (settings, module):
        package = start.rpartition(".")[0]
        while package:
            yield from (f"{package}.celery", package)
            package = package.rpartition(".")[0]


def _in(module: ModuleType) -> Any:
    """The application in a module, as Celery's own `-A` looks for it."""
    named = [value for name in ("app", "celery") if isinstance(value := vars(module).get(name), Celery)]
    others = [value for value in vars(module).values() if isinstance(value, Celery)]
    return next(iter([*named, *others]), None)


def _found_at(text: str) -> Any:
    """What Celery's `-A` finds there, importing from where everything else is imported from; or what a factory makes.

    Beyond `-A`, a place may have dots, and end with `()`.
    """
    place = text.removesuffix("()")
    module, colon, name = place.partition(":")
    module_named(module if colon else module.partition(".")[0], f"the application {text}")
    if place == text and not (colon and "." in name):
        try:
            return find_app(text, imp=_import)
        except (AttributeError, ModuleNotFoundError) as error:
            if any(is_of_the_user(frame.filename) for frame in extract_tb(error.__traceback__)):
                raise
            raise UsageError(f"the application {text}: `celery -A {text}` finds none there: {error}.") from error
    value = object_at(place, "the application")
    return value() if text.endswith("()") else value


def _celery_of(app: Any) -> Any:
    """The application itself, or that of a Flask application, by Celery's own convention."""
    extensions = getattr(app, "extensions", None)
    return extensions.get("celery", app) if isinstance(extensions, dict) else app


def _call(found: Any) -> str:
    """What to do with a factory."""
    if not callable(found) or isinstance(found, Celery) or not hasattr(found, "__name__"):
        return ""
    return f" If {found.__name__} makes it: Job(app='{found.__module__}:{found.__name__}()')."


def _beside(place: str) -> str:
    """Where the module has an application, if `celery -A` finds something else in it."""
    name = place.partition(":")[0]
    apps = [app for app, value in vars(sys.modules.get(name, object)).items() if isinstance(value, Celery)]
    return f" There is one in it: Job(app='{name}:{apps[0]}')." if apps else ""


def _import(module: str, package: str | None = None) -> ModuleType:
    return importlib.import_module(module, package)
