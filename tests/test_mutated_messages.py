"""Messages, journals and payloads that were changed at random are taken, or refused by the error that says so.

`MUTATIONS=1000` tries more of them, as in `tests/test_mutations.py`.
"""

import asyncio
import base64
import json
import random
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given

from harness.contenders.celery.answers import executed_of, fault_of
from harness.driver.messages import Alive, Hello, LoadProgress, Pong, Recording, Refused
from harness.driver.remote.clock_offset import Offset, by_our_clock, wall_apart_s
from harness.driver.remote.incoming import message_of, piece_of
from harness.driver.remote.order import accepted, order_of
from harness.driver.remote.relay import Relay
from harness.errors import ServiceError, UsageError
from harness.jobs.payloads import Payloads
from harness.progress import journal
from harness.progress.progress import Expected
from harness.report.journal_events import READ_MOST, events
from harness.results.model import Trial
from tests.builders import cell_of, trial_of
from tests.harness.driver.remote.test_order import OURS, PRELOAD, SPEC
from tests.harness.session.doubles import reading_of, recording_of
from tests.mutations import mutated, mutated_bytes
from tests.test_mutations import SEEDS, bounded, pytestmark  # noqa: F401
from workloads.job import Job

READING = reading_of(1.0, memory_mb=5.0, cpu_each={"1": 1.0}, walls_s=[1.8e9])
RECORDING = recording_of(driver=(READING, READING), failures={"x": (1, "x: y")}, marks={"begun": 5})
MESSAGES = [json.loads(msgspec.json.encode(message)) for message in (
    RECORDING, Hello(), Alive(), Pong(5), Refused("no"), LoadProgress(5, 1.0, 2.0)
)]  # fmt: skip
PACKED = base64.b64encode(zlib.compress(bytes(80))).decode()
ANSWERS: dict[str, Any] = {
    "workbench_describe": {"host": "h", "cpus": 2, "boot_id": "b", "runs": {"celery": "5"}, "backend": "redis",
                           "effective": {"pool": "prefork", "slots": 4}},
    "workbench_reading": json.loads(msgspec.json.encode(READING)),
    "workbench_executed": {"numbers": PACKED, "of_others": 1, "of_nobody": 0},
}  # fmt: skip


def refusal(kind: type[Exception], call: Callable[[], object]) -> str | None:
    """Why it is refused by an error of that kind; None where it is not."""
    try:
        call()
    except kind as error:
        return str(error)
    return None


async def nothing(n: int, text: str) -> None:
    """What the payloads are for."""


def changed(value: Any, draw: random.Random) -> bytes:
    """A message with one of its parts changed, or with its bytes damaged."""
    if draw.random() < 0.3:
        return mutated_bytes(json.dumps(value).encode(), draw)
    return json.dumps(mutated(value, draw)).encode()


@bounded(60)
@given(SEEDS)
def test_a_driver_refuses_what_is_no_order(seed: int) -> None:
    """By bad usage, which it answers with; nothing else is raised in it."""
    draw = random.Random(seed)
    body = changed(json.loads(order_of(SPEC, PRELOAD, "run:abcdef")), draw).decode("utf-8", "surrogateescape")
    assert refusal(UsageError, lambda: accepted(draw.choice((body, body, body, [body])), OURS)) != ""


@bounded(60)
@given(SEEDS)
def test_a_session_takes_from_a_driver_what_is_a_message(seed: int) -> None:
    """Or ends its trial with the reason; figures of a recording are moved to our clock without an error."""
    draw = random.Random(seed)
    body, piece = changed(draw.choice(MESSAGES), draw), b"S" + mutated_bytes(zlib.compress(bytes(500)), draw)
    assert refusal(ServiceError, lambda: piece_of(piece)) != ""
    if refusal(ServiceError, lambda: message_of(body)) is None and isinstance(message := message_of(body), Recording):
        by_our_clock(message, Offset(5, 5))
        wall_apart_s(message, Offset(5, 5), 10**18, 1.8e9)


class Nobody:
    """Neither a driver nor a session: nothing reaches it."""

    def send(self, message: Any) -> None:
        """Nothing."""

    def kill(self) -> None:
        """Nothing."""

    def receive(self, *_: Any) -> Any:
        """Nothing."""


@bounded(60)
@given(SEEDS)
def test_a_driver_ignores_what_no_session_says(seed: int) -> None:
    """It goes on with its trial."""
    draw = random.Random(seed)
    said = draw.choice([{"type": "StartLoad", "at_ns": 5}, {"type": "Abort", "reason": "x"}, {"type": "Ping"}])

    async def main() -> None:
        Relay(Nobody(), Nobody())._take(changed(said, draw))

    asyncio.run(main())


@bounded(60)
@given(SEEDS)
def test_answers_of_workers_are_checked(seed: int) -> None:
    """What is none has a fault, and what holds no executions is an error of that worker's."""
    draw = random.Random(seed)
    command = draw.choice(list(ANSWERS))
    answer = mutated({"answer": ANSWERS[command]}, draw)
    answer = answer.get("answer") if isinstance(answer, dict) else answer
    if fault_of(command, answer) is None and command == "workbench_executed":
        damaged = mutated_bytes(PACKED.encode(), draw).decode("utf-8", "replace")
        reason = refusal(ServiceError, lambda: executed_of("a@b", {**ANSWERS[command], "numbers": damaged}))
        assert reason is None or reason.startswith("worker a@b reported executions")


@bounded(40)
@given(SEEDS)
def test_lines_of_a_journal_that_are_no_events_are_left_out(seed: int) -> None:
    """The page gets the others, up to the end."""
    draw = random.Random(seed)
    trial: Trial = trial_of(1, 100.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.jsonl"
        written = journal.Journal(path)
        written.step("starting")
        written.expect(Expected(1, 2.5))
        written.trial_begins(cell_of("asyncio"), 1)
        written.trial_ends(cell_of("asyncio"), trial)
        written.end()
        *lines, end = path.read_bytes().splitlines()
        at = draw.randrange(len(lines))
        lines[at] = changed(json.loads(lines[at]), draw)
        data = b"\n".join([*lines, end, b""])

    async def said() -> list[str]:
        return [text async for text in events(path, 0, lambda begin, most: data[begin : begin + min(most, READ_MOST)])]

    assert asyncio.run(said())[-1].endswith('data: {"type":"end"}\n\n')


@bounded(60)
@given(SEEDS)
def test_changed_payloads_are_payloads_or_refused_with_their_place(seed: int) -> None:
    """A list, or a line each."""
    draw = random.Random(seed)
    listed = [{"n": 5, "text": "é"}, {"n": 6, "text": ""}, [7, "x"], 8]
    data = json.dumps(listed) if draw.random() < 0.5 else "\n".join(map(json.dumps, listed))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "payloads.json"
        file.write_bytes(mutated_bytes(data.encode(), draw) if draw.random() < 0.7 else changed(listed, draw))
        job = Job(coroutine=nothing, payloads=str(file))
        reason = refusal(UsageError, lambda: Payloads(job, ["n", "text"], Path()).of(5))
    assert reason is None or "payload" in reason
