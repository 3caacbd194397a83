"""Deviations from the defaults are listed: all of the application, the workers and the sessions, and no others."""

import re
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from asyncio_side.http import http_session, limited_http_session
from celery_side.app import SETTINGS
from harness import registry
from harness.contenders.celery.config import connections
from harness.contenders.sides.declaration import asyncio_side
from harness.report.deviations import DEVIATIONS, OVER_AIOHTTP, as_markdown, note_of
from harness.services.brokers.broker import BrokerPlace

REPOSITORY = Path(__file__).resolve().parents[3]
PLACES = {"broker_url", "result_backend"}
"""Where a service is, which has no default that anybody uses."""
COVERED = {name for deviation in DEVIATIONS for name in deviation.covers}


def alike(value: Any, default: Any) -> bool:
    """Whether they mean the same to Celery: lists and sets of the same."""
    if isinstance(value, list) and isinstance(default, list | tuple | set | frozenset):
        return set(value) == set(default)
    return bool(value == default)


def different_settings() -> set[str]:
    """Settings of the application, and those that lead to a run's broker, that are not Celery's own."""
    defaults = Celery("defaults", set_as_current=False).conf
    different = {key for key, value in SETTINGS.items() if not alike(value, defaults.get(key))}
    led = connections(BrokerPlace("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0", "prefix:"))
    return different | {*led, "task_default_queue"} - PLACES


def worker_options() -> set[str]:
    """Options that switch something of a worker off, wherever one is started."""
    sources = (path.read_text() for path in (REPOSITORY / "harness" / "contenders").rglob("*.py"))
    return {option for source in sources for option in re.findall(r"--without-\w+", source)}


def test_every_setting_that_is_not_celerys_default_is_listed_and_no_other() -> None:
    """And every option of the workers."""
    assert worker_options()
    assert different_settings() | worker_options() == COVERED


def test_the_workloads_over_aiohttp_are_those_with_its_session() -> None:
    """As each side declares it; two of them have one of their own around it."""
    sessions = {http_session, limited_http_session}
    declared = {name for name in registry.names("workload") if asyncio_side(name).resources in sessions}
    assert declared | {"comment_tree", "fire_and_forget"} == set(OVER_AIOHTTP)


def test_every_deviation_says_what_it_does_to_a_figure() -> None:
    """Or that it was not measured."""
    assert all(deviation.effect and deviation.default and deviation.here for deviation in DEVIATIONS)


@pytest.mark.parametrize("note", [deviation.note for deviation in DEVIATIONS if deviation.note])
def test_the_readme_names_what_touches_a_figure(note: str) -> None:
    """In the words that stand under a table."""
    assert note in " ".join((REPOSITORY / "README.md").read_text().split())


def test_a_note_is_of_the_sides_and_the_workload_of_its_table() -> None:
    """One line; none for a table of neither side."""
    both = note_of({"celery", "asyncio"}, "http_date")
    assert both is not None
    assert "gossip" in both
    assert "100 connections" in both
    assert "\n" not in both
    alone = note_of({"asyncio"}, "http_date")
    assert alone is not None
    assert "gossip" not in alone
    assert note_of({"asyncio"}, "noop") is None
    assert "to_thread" in str(note_of({"asyncio"}, "blocking_call"))
    assert note_of({"fake"}, "noop") is None


def test_the_methods_tables_have_a_row_each() -> None:
    """With four cells."""
    rows = [line for line in as_markdown().splitlines() if line.startswith("| ")]
    assert len(rows) == len(DEVIATIONS) + 2 * 2
    assert {row.count(" | ") for row in rows} == {3}
