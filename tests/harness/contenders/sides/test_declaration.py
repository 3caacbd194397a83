"""How a side is found: a planted mistake is a UsageError that names the module and the nearest name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.celery_threads import CeleryThreads
from harness.contenders.contender import contender_of
from harness.contenders.sides import declaration
from harness.contenders.sides.declaration import asyncio_side, celery_side, declared, ignoring
from harness.contenders.sides.opening import check_arguments
from harness.errors import UsageError
from workloads.side import AsyncioSide, CelerySide

Plant = Callable[[str, str], str]
COROUTINE = "from workloads.side import AsyncioSide, CelerySide\nasync def fetch(url): ...\n"


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Writes a module with that source; returns its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, source: str) -> str:
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return write


def test_a_module_of_any_package_may_declare_a_side(plant: Plant) -> None:
    """The least: a coroutine function."""
    module = plant("planted_shop", COROUTINE + "SIDE = AsyncioSide(run=fetch)\n")
    assert declared(module, AsyncioSide).run.__name__ == "fetch"


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        (
            "planted_misspelt",
            "SIDE = AsyncioSide(run=fetch, resource=fetch)",
            "^planted_misspelt: AsyncioSide has no part 'resource'. Did you mean 'resources'?",
        ),
        (
            "planted_plain",
            "SIDE = AsyncioSide(run=print)",
            r"^planted_plain: AsyncioSide\(run=…\) must be a coroutine function",
        ),
        (
            "planted_lower",
            "side = AsyncioSide(run=fetch)",
            r"^planted_lower declares no SIDE = AsyncioSide\(…\). Did you mean 'side'\?",
        ),
        ("planted_nothing", "", r"^planted_nothing declares no SIDE = AsyncioSide\(…\).$"),
        (
            "planted_other",
            "SIDE = CelerySide(task=fetch)",
            "^planted_other: SIDE must be an instance of AsyncioSide; got CelerySide",
        ),
        ("planted_text", "SIDE = 'fetch'", "^planted_text: SIDE must be an instance of AsyncioSide; got 'fetch'"),
    ],
)
def test_a_mistake_names_the_module(plant: Plant, name: str, source: str, message: str) -> None:
    """And the part, and the nearest name."""
    with pytest.raises(UsageError, match=message):
        declared(plant(name, COROUTINE + source), AsyncioSide)


def test_a_workload_without_a_side_is_a_usage_error() -> None:
    """The module that is missing is named."""
    with pytest.raises(UsageError, match=r"no module asyncio_side.nowhere"):
        asyncio_side("nowhere")


def test_what_the_module_itself_lacks_is_no_usage_error(plant: Plant) -> None:
    """It is another module that is missing."""
    with pytest.raises(ModuleNotFoundError, match="planted_lacking"):
        declared(plant("planted_importing", "import planted_lacking"), AsyncioSide)


def test_a_function_is_no_task(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a task that lost its decorator would be."""
    plant("planted_bare", COROUTINE + "SIDE = CelerySide(task=fetch)")
    monkeypatch.setattr(declaration, "task_module", lambda workload: f"planted_{workload}")
    with pytest.raises(UsageError, match=r"^planted_bare: CelerySide\(task=…\) must be a Celery task; got <function"):
        celery_side("bare")


def test_a_misspelt_part_stops_a_run_before_its_workers_start(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session asks each contender whether it can do the work."""
    plant("planted_noop", COROUTINE + "SIDE = CelerySide(task=fetch, signature=fetch)")
    monkeypatch.setattr(declaration, "task_module", lambda workload: f"planted_{workload}")
    with pytest.raises(UsageError, match="CelerySide has no part 'signature'"):
        CeleryThreads().cannot("noop", None)


def test_what_a_side_ignores_is_left_out_of_its_call() -> None:
    """Without a wrapper where there is nothing to ignore."""

    def call(*shared: Any, **payload: Any) -> Any:
        return shared, payload

    payload = {"url": "u", "client": "requests"}
    assert ignoring(call, ("client",))("session", **payload) == (("session",), {"url": "u"})
    assert payload == {"url": "u", "client": "requests"}
    assert ignoring(call, ()) is call


@pytest.mark.parametrize(
    ("taken", "given", "message"),
    [
        ({"solts"}, {"slots": 1}, "unknown argument 'solts' in the resources of m. Did you mean 'slots'?"),
        ({"slots"}, {"slots": 1, "threads": 2}, "the resources of m must take 'threads', which the workload sets"),
        (set(), {"slots": 1, "threads": 2}, "the resources of m must take 'threads'"),
    ],
)
def test_resources_take_what_is_given(taken: set[str], given: dict[str, Any], message: str) -> None:
    """A setting without effect is an error."""
    with pytest.raises(UsageError, match=message):
        check_arguments(taken, given, "m")


def test_resources_may_do_without_the_slots() -> None:
    """A client without a limit does."""
    check_arguments(set(), {"slots": 1}, "m")


def test_the_declaration_says_how_a_request_is_published() -> None:
    """One task, unless one of three parts says otherwise."""
    assert CelerySide(task=None).is_one_task
    assert not CelerySide(task=None, canvas=print).is_one_task


def test_a_side_that_imports_what_is_not_installed_is_not_supported(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both sides and in Celery; by one line of the library's message."""
    plant("planted_library", "raise ImportError('no wrapper of libpq:\\n- not here\\n- nor there')")
    for place in ("asyncio_side", "celery_side.tasks"):
        module = plant(f"planted_{place[0]}", "import planted_library")
        monkeypatch.setattr(
            declaration, "coroutine_module" if place[0] == "a" else "task_module", lambda _, m=module: m
        )
    for name in ("asyncio", "celery-threads", "celery-asyncio"):
        assert contender_of(name).cannot("noop", None) == "it imports what is not installed: no wrapper of libpq:"
    threads = contender_of("celery-threads")
    assert (threads.producer("noop", backlog=False), threads.several("noop")) == ("apply_async", False)


def test_a_mistake_in_the_workbenchs_own_imports_is_none_of_the_machines(plant: Plant) -> None:
    """It is raised as it is."""
    module = plant("planted_import", "from workloads.side import Side")
    with pytest.raises(ImportError, match="cannot import name 'Side'"):
        declaration.not_importable(lambda: declared(module, AsyncioSide))
