"""What workers answer to the workbench's remote-control commands, checked before anything relies on it.

Whoever is on the broker can answer. A worker's figures are its own to report; their form and size are not.
"""

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from harness.errors import ServiceError
from harness.machine.usage import Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXECUTED_BYTES_MOST = 1 << 28
"""8 bytes a request."""
Text = Annotated[str, Meta(max_length=1000, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
Value = bool | int | float | Text | None
Settings = Annotated[dict[Text, Value | Annotated[list[Text], Meta(max_length=1000)]], Meta(max_length=200)]


class Description(msgspec.Struct, frozen=True):
    """To `workbench_describe`."""

    host: Text
    cpus: Annotated[float, Meta(gt=0, le=100_000)]
    boot_id: Text
    runs: Settings
    backend: Text
    effective: Settings

    def __post_init__(self) -> None:
        """The two settings that are used, not only shown."""
        msgspec.convert(self.effective, _Own)


class _Own(msgspec.Struct):
    pool: Text
    slots: Annotated[int, Meta(ge=1, le=1_000_000)]


FORMS: dict[str, Any] = {"workbench_describe": Description, "workbench_reading": Reading, "workbench_executed": str}


def fault_of(command: str, answer: Any) -> str | None:
    """What is wrong with the form of an answer to that command; None where nothing is, or no form is known."""
    try:
        msgspec.convert(answer, FORMS.get(command, Any))
    except (msgspec.ValidationError, RecursionError) as error:
        return str(error)
    return None


def numbers_of(name: str, answer: str) -> "NDArray[np.int64]":
    """The numbers of requests in an answer to `workbench_executed`; raises ServiceError for what holds none."""
    import numpy as np  # only in the session

    inflating = zlib.decompressobj()
    try:
        packed = inflating.decompress(base64.b64decode(answer, validate=True), EXECUTED_BYTES_MOST + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise ServiceError(f"worker {name} reported executions that cannot be read: {error}") from None
    if len(packed) > EXECUTED_BYTES_MOST or len(packed) % 8 or not inflating.eof:
        raise ServiceError(f"worker {name} reported executions that are damaged, or more than can be read")
    return np.frombuffer(packed, dtype=np.int64)
