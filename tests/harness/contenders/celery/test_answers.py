"""Workers' answers, as anybody on the broker could send them."""

import base64
import zlib
from typing import Any

import numpy as np
import pytest

from harness.contenders.celery.answers import executed_of, fault_of
from harness.errors import ServiceError

DESCRIPTION: dict[str, Any] = {
    "host": "far",
    "cpus": 2,
    "boot_id": "b",
    "pid": 1,
    "runs": {"celery": "5.7.0", "tasks": ["noop"]},
    "backend": "redis",
    "effective": {"pool": "threads", "slots": 4, "compression": None, "accept_content": ["json"]},
}


def packed(numbers: list[int]) -> str:
    """As a worker reports them."""
    return base64.b64encode(zlib.compress(np.array(numbers, dtype=np.int64).tobytes())).decode()


def said(numbers: str) -> dict[str, Any]:
    """A whole answer with these."""
    return {"numbers": numbers, "of_others": 0, "of_nobody": 0}


def test_answers_of_workers_have_no_fault() -> None:
    """And commands of Celery's own have no form that is known here."""
    assert fault_of("workbench_describe", DESCRIPTION) is None
    assert fault_of("workbench_reading", {"at_ns": 1, "cpu_s": 0.5, "main_cpu_s": 0.5, "processes": 1}) is None
    assert fault_of("ping", {"ok": "pong"}) is None
    assert executed_of("w", said(packed([1, 2, 2]))).numbers.tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    "changes",
    [
        {"cpus": 0},
        {"cpus": "2"},
        {"host": "a\x1b[2J"},
        {"host": "x" * 5000},
        {"effective": {"pool": "threads"}},
        {"effective": {"pool": "threads", "slots": 10**9}},
        {"effective": {"pool": "threads", "slots": 4, "x": {"deep": 1}}},
        {"runs": []},
    ],
)
def test_a_description_of_another_form_is_a_fault(changes: dict[str, Any]) -> None:
    """It would fail later, at a place that does not know whose it is."""
    assert fault_of("workbench_describe", DESCRIPTION | changes) is not None


@pytest.mark.parametrize("answer", [None, 1, [], "text", {"at_ns": "now"}])
def test_what_is_no_answer_is_a_fault(answer: Any) -> None:
    """Of any kind."""
    assert fault_of("workbench_describe", answer) is not None
    assert fault_of("workbench_reading", answer) is not None


@pytest.mark.parametrize(
    "answer", ["%%%", "", "AAAA", packed([1])[:-4], base64.b64encode(zlib.compress(b"abc")).decode(), "é"]
)
def test_executions_that_cannot_be_read_are_an_error_that_names_the_worker(answer: str) -> None:
    """Also of a length that no numbers have."""
    with pytest.raises(ServiceError, match="worker threads-1@far reported executions"):
        executed_of("threads-1@far", said(answer))


def test_executions_are_not_unpacked_beyond_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kB could fill the memory."""
    monkeypatch.setattr("harness.contenders.celery.answers.EXECUTED_BYTES_MOST", 800)
    with pytest.raises(ServiceError, match="more than can be read"):
        executed_of("w", said(packed([0] * 101)))
