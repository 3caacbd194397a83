"""Deviations from the defaults are listed: all of the application, the workers and the sessions, and no others."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from asyncio_side.http import http_session, limited_http_session
from harness import registry
from harness.contenders.celery.config import to_environment
from harness.contenders.sides.declaration import asyncio_side
from harness.report.deviations import DEVIATIONS, OVER_AIOHTTP, as_markdown, noted
from harness.services.brokers.broker import BrokerPlace, broker_url

REPOSITORY = Path(__file__).resolve().parents[3]
PLACES = {"broker_url", "result_backend", "include"}
"""Where services and tasks are, which has no default that anybody uses."""
ASKED_FOR = {"--pool", "--concurrency", "--hostname", "--queues", "--loglevel", "--allow-remote"}
"""Options of a worker by which it is the one that was asked for; Celery's log level is the default."""
COVERED = {name for deviation in DEVIATIONS for name in deviation.covers}


EFFECTIVE = """
import json
from celery import Celery
from celery.app.defaults import NAMESPACES, flatten
from harness.contenders.celery.worker import app

defaults = Celery("defaults", set_as_current=False).conf
plain = lambda value: list(value) if isinstance(value, tuple) else value
names = {name for name, _ in flatten(NAMESPACES)} | set(app.conf.changes)
print(json.dumps([name for name in names if plain(app.conf.get(name)) != plain(defaults.get(name, False))]))
"""
"""Prints the names of the settings with which a worker runs, and which are not Celery's own."""


def different_settings() -> set[str]:
    """Of a worker on a Redis that others use too."""
    place = BrokerPlace(broker_url("redis://127.0.0.1:1/0"), broker_url("redis://127.0.0.1:1/0"), "prefix:", "control")
    environment = os.environ | to_environment(place, "queue")
    printed = subprocess.check_output([sys.executable, "-c", EFFECTIVE], env=environment, cwd=REPOSITORY)
    return set(json.loads(printed)) - PLACES


def worker_options() -> set[str]:
    """Options with which a worker is started, here or by hand, but for those that the contender's name says."""
    places = ("contenders/celery/workers.py", "contenders/celery/quiet.py", "cli/worker.py")
    starters = (REPOSITORY / "harness" / place for place in places)
    options = {option for starter in starters for option in re.findall(r'"(--[a-z-]+)"', starter.read_text())}
    return options - ASKED_FOR


def test_every_setting_that_is_not_celerys_default_is_listed_and_no_other() -> None:
    """And every option of the workers."""
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
    """None for a side that is neither."""
    celery, asyncio = " ".join(noted("celery", "http_date")), " ".join(noted("asyncio", "http_date"))
    assert "gossip" in celery
    assert "100 connections" in asyncio
    assert "gossip" not in asyncio
    assert noted("asyncio", "noop") == []
    assert "to_thread" in " ".join(noted("asyncio", "blocking_call"))
    assert noted("fake", "noop") == []


def test_the_methods_tables_have_a_row_each() -> None:
    """With four cells."""
    rows = [line for line in as_markdown().splitlines() if line.startswith("| ")]
    assert len(rows) == len(DEVIATIONS) + 2 * 2
    assert {row.count(" | ") for row in rows} == {3}
