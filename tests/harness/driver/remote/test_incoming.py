"""What a hostile or broken driver sends never gets beyond the one place where it is checked."""

import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from harness.driver.messages import Ready, Recording, encode
from harness.driver.remote.incoming import ROW_BYTES, check_spool, message_of, piece_of
from harness.driver.remote.relay import PIECE_BYTES
from harness.errors import ServiceError
from harness.recording.spool import COLUMNS

RECORDING = Recording(
    status="measured",
    error=None,
    opened_ns=1,
    closed_ns=2,
    issued=1,
    recorded=1,
    failures={},
    driver=None,
    loop_lag=None,
    clocks_comparable=True,
)


def test_what_drivers_send_is_read() -> None:
    """Messages and pieces."""
    assert message_of(encode(Ready())) == Ready()
    assert message_of(encode(RECORDING)) == RECORDING
    assert piece_of(b"S" + zlib.compress(b"x" * PIECE_BYTES)) == b"x" * PIECE_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}",
        b'{"type":"nothing"}',
        b"{" + b'"a":[' * 50_000,
        b'{"type":"pong","at_ns":1' + b"0" * 5000 + b"}",
        b"{\xff",
    ],
    ids=lambda body: body[:12],
)
def test_a_message_that_is_none_is_an_error_of_that_driver(body: bytes) -> None:
    """Not the session's."""
    with pytest.raises(ServiceError, match="cannot be read"):
        message_of(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"issued": 10**12},
        {"issued": 0},
        {"recorded": -1},
        {"opened_ns": 2**63},
        {"closed_ns": 10**18},
        {"marks": {"published": 2**64 - 1}},
    ],
)
def test_figures_that_would_fill_the_memory_are_refused(changes: dict[str, Any]) -> None:
    """Arrays are made by them."""
    with pytest.raises(ServiceError, match="no trial has"):
        message_of(encode(msgspec.structs.replace(RECORDING, **changes)))


def test_an_unknown_status_is_no_recording() -> None:
    """Nothing goes on to look it up."""
    body = encode(RECORDING).replace(b"measured", b"fine")
    with pytest.raises(ServiceError, match=r"Invalid enum value 'fine' - at `\$\.status`"):
        message_of(body)


@pytest.mark.parametrize(
    "body",
    [
        b"S",
        b"S" + b"nonsense",
        b"S" + zlib.compress(b"\0" * 100 * PIECE_BYTES),
        b"S" + zlib.compress(b"abc")[:-2],
    ],
)
def test_a_piece_that_would_unpack_to_more_than_pieces_have_is_not_unpacked(body: bytes) -> None:
    """100 kB could fill the disk otherwise."""
    with pytest.raises(ServiceError, match="a piece of its spool"):
        piece_of(body)


@pytest.mark.parametrize(("column", "value"), [("status", 4), ("status", -1), ("due", -5), ("done", 2**62)])
def test_stamps_that_no_request_has_are_refused(tmp_path: Path, column: str, value: int) -> None:
    """Counting by them would fail, or take all memory."""
    rows = np.zeros((3, len(COLUMNS)), dtype=np.int64)
    spool = tmp_path / "spool"
    spool.write_bytes(rows.tobytes())
    recording = msgspec.structs.replace(RECORDING, issued=3, recorded=3)
    check_spool(spool, recording)
    rows[1, COLUMNS.index(column)] = value
    spool.write_bytes(rows.tobytes())
    with pytest.raises(ServiceError, match="stamps that no request has"):
        check_spool(spool, recording)


def test_a_spool_has_the_rows_that_the_recording_says(tmp_path: Path) -> None:
    """No half ones."""
    spool = tmp_path / "spool"
    spool.write_bytes(b"\0" * (ROW_BYTES + 1))
    with pytest.raises(ServiceError, match="65 bytes of stamps for 1 requests"):
        check_spool(spool, RECORDING)
