"""What workers answer to the workbench's remote-control commands, checked before anything relies on it.

Whoever is on the broker can answer. A worker's figures are its own to report; their form and size are not.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.recording.executed import Executed

EXECUTED_BYTES_MOST = 1 << 28
"""8 bytes a request."""
Text = Annotated[str, Meta(max_length=1000, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
Value = bool | int | float | Text | None
Settings = Annotated[dict[Text, Value | Annotated[list[Text], Meta(max_length=1000)]], Meta(max_length=200)]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a process that waits for runs says of its lease (see `harness.contenders.celery.fleet.leased`)."""

    run: Text
    """Of which run it is; empty while it is free."""
    holder: Text
    """That run in words."""
    silent_s: Annotated[float, Meta(ge=0)] = 0.0
    """How long ago that run last renewed the lease."""
    busy: Annotated[int, Meta(ge=0)]
    """Tasks that it has taken and not ended."""
    instance: Text
    """The process, in words that no other one ever has."""


class Job(msgspec.Struct, frozen=True):
    """A job of the user's own, for which alone a worker is there."""

    name: Text
    fingerprint: Text
    """Of its source."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """To `workbench_describe`; that of a driver has neither a pool nor a backend."""

    host: Text
    cpus: Annotated[float, Meta(gt=0, le=100_000)]
    cpu_model: Text | None = None
    boot_id: Text
    runs: Settings = {}
    backend: Text = ""
    effective: Settings = {}
    job: Job | None = None
    held: Held | None = None
    """None where the process is a run's own."""

    def __post_init__(self) -> None:
        """The two settings that are used, not only shown."""
        if self.effective:
            msgspec.convert(self.effective, _Own)


class _Own(msgspec.Struct):
    pool: Text
    slots: Annotated[int, Meta(ge=1, le=1_000_000)]


class Executions(msgspec.Struct, frozen=True):
    """To `workbench_executed`."""

    numbers: str
    """Of the trial's requests: 8 bytes each, compressed, base64."""
    of_others: Annotated[int, Meta(ge=0)]
    of_nobody: Annotated[int, Meta(ge=0)]
    held: Annotated[int, Meta(ge=0)] = 0
    processes_ended: Annotated[int, Meta(ge=0)] = 0


TAKE, LEAVE = "workbench_lease", "workbench_leave"
DESCRIBE = "workbench_describe"
FORMS: dict[str, Any] = {
    DESCRIBE: Description,
    "workbench_reading": Reading,
    "workbench_executed": Executions,
    TAKE: Held,
    LEAVE: Held,
}


def fault_of(command: str, answer: Any) -> str | None:
    """What is wrong with the form of an answer to that command; None where nothing is, or no form is known."""
    try:
        msgspec.convert(answer, FORMS.get(command, Any))
    except (msgspec.ValidationError, RecursionError) as error:
        return str(error)
    return None


def executed_of(name: str, answer: Any) -> Executed:
    """An answer to `workbench_executed`; raises ServiceError for what is none."""
    import numpy as np  # only in the session

    said = msgspec.convert(answer, Executions)
    inflating = zlib.decompressobj()
    try:
        packed = inflating.decompress(base64.b64decode(said.numbers, validate=True), EXECUTED_BYTES_MOST + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ServiceError(f"worker {name} reported executions that cannot be read: {error}") from None
    if len(packed) > EXECUTED_BYTES_MOST or len(packed) % 8 or not inflating.eof:
        raise ServiceError(f"worker {name} reported executions that are damaged, or more than can be read")
    return Executed(
        np.frombuffer(packed, dtype=np.int64), said.of_others, said.of_nobody, said.held, said.processes_ended
    )


def all_executed(parts: Sequence[Executed]) -> Executed:
    """What several workers executed, as one."""
    import numpy as np

    return Executed(
        np.concatenate([part.numbers for part in parts]),
        sum(part.of_others for part in parts),
        sum(part.of_nobody for part in parts),
        sum(part.held for part in parts),
        sum(part.processes_ended for part in parts),
    )
