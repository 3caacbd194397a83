"""Documents and plans that were changed at random are read, or are bad usage with the place: never another error.

A seed of each case is printed where it fails; `MUTATIONS=1000` tries more of them, with seeds of their own.
"""

import json
import os
import random
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import registry
from harness.errors import UsageError
from harness.plan import ladder
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.making import make_plan
from harness.plan.reading import shipped
from harness.results import store
from harness.results.model import Results
from tests.builders import document_of, results_of
from tests.mutations import mutated, mutated_bytes, mutated_toml

MORE = int(os.environ.get("MUTATIONS", "0"))
SEEDS = st.integers(0, 2**32 - 1)
pytestmark = [pytest.mark.timeout(0)] if MORE else []


def bounded(examples: int) -> settings:
    """The same cases in each run, unless more are asked for."""
    return settings(max_examples=MORE or examples, derandomize=not MORE, deadline=None, print_blob=True)


DOCUMENTS = [json.loads(msgspec.json.encode(document)) for document in (results_of(), document_of("quick"))]
FORMATS = [registry.load("format", name) for name in registry.names("format")]


def refusal(call: Callable[[], object]) -> str:
    """Why it is bad usage; empty where it is not."""
    try:
        call()
    except UsageError as error:
        return str(error)
    return ""


def parsed(data: bytes) -> Results:
    """A document, as any command reads it."""
    return store.parse(data, "results.json", Path())


@bounded(25)
@given(SEEDS)
def test_a_mutated_document_is_shown_or_refused_with_its_place(seed: int) -> None:
    """By every format."""
    draw = random.Random(seed)
    data = json.dumps(mutated(draw.choice(DOCUMENTS), draw)).encode()
    if reason := refusal(lambda: parsed(data)):
        assert reason.startswith("results.json: ")
        return
    for kind in FORMATS:
        reason = refusal(partial(kind.render, parsed(data)))
        assert not reason or reason.startswith("A histogram of latencies is ")


@bounded(150)
@given(SEEDS)
def test_a_damaged_document_is_read_or_refused(seed: int) -> None:
    """As the list of `workbench serve` reads it, and as a whole."""
    draw = random.Random(seed)
    data = mutated_bytes(json.dumps(DOCUMENTS[0]).encode(), draw)
    for reason in (refusal(lambda: store.parse_run(data, Path())), refusal(lambda: parsed(data))):
        assert not reason or reason.startswith("results.json: ")


@bounded(60)
@given(SEEDS)
def test_a_mutated_plan_is_a_plan_or_refused(seed: int) -> None:
    """And so is a ladder."""
    draw = random.Random(seed)
    plans, ladders = shipped(), ladder.shipped()
    name = draw.choice(sorted([*plans, *ladders]))
    text = mutated_toml((plans | ladders)[name].read_text(), draw)

    def made(path: str) -> None:
        cells(make_plan(Asked(plan=path)) if name in plans else ladder.asked_ladder(path, None, None)[1], path)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changed.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        refusal(lambda: made(str(path)))
