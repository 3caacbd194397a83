"""The look at the work: from where it connects, sleeps and blocks. In processes of their own: audit hooks stay."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import msgspec

from harness.driver.look import REPLY_MOST, as_text

JOB = """
import asyncio
import socket
import time


async def connecting(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def sleeping(seconds):
    time.sleep(seconds)


async def waiting():
    await asyncio.sleep(0)


async def in_a_thread():
    await asyncio.to_thread(time.sleep, 0.03)
"""
PROGRAM = """
import asyncio, json, sys
sys.path.insert(0, {folder!r})
import job
from harness.driver.look import Looking
from harness.machine.metered_loop import MeteredLoop
import msgspec

async def main():
    loop = asyncio.get_running_loop()
    looking = Looking(loop, [job.sleeping])
    await asyncio.to_thread(int)  # whoever starts a thread waits until it runs, on a busy machine for long
    looking.start()
    loop.meter.start()
    {body}
    looking.reply = "1"
    print(msgspec.json.encode(looking.found()).decode())

with asyncio.Runner(loop_factory=MeteredLoop) as runner:
    runner.run(main())
"""


def looked(tmp_path: Path, body: str) -> dict[str, Any]:
    """What is seen of that body."""
    (tmp_path / "job.py").write_text(JOB)
    text = PROGRAM.format(folder=str(tmp_path), body=textwrap.indent(textwrap.dedent(body), "    ").strip())
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60)
    seen = json.loads(ran.stdout)
    return {key: Path(value).name if key.endswith("_at") else value for key, value in seen.items()}


def test_a_sleep_on_the_event_loop_is_seen_with_its_line(tmp_path: Path) -> None:
    """As the call, and as what blocked the loop."""
    seen = looked(tmp_path, "for _ in range(5):\n    await job.sleeping(0.05)\n    await asyncio.sleep(0)")
    assert seen["sleeps_at"] == ("job.py:13" if sys.version_info >= (3, 13) else "")  # older ones report no sleep
    assert seen["blocked_at"] == "job.py:13"
    assert seen["connects"] == 0


def test_what_runs_in_a_thread_or_waits_well_blocks_nothing(tmp_path: Path) -> None:
    """Its sleep is another thread's."""
    seen = looked(tmp_path, "await job.in_a_thread()\nawait job.waiting()")
    assert (seen["sleeps_at"], seen["blocked_at"]) == ("", "")


def test_each_connection_is_counted_with_the_line_that_opened_it(tmp_path: Path) -> None:
    """Three of them."""
    body = """
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for _ in range(3):
        await job.connecting(port)
    """
    seen = looked(tmp_path, body)
    assert (seen["connects"], seen["connects_at"]) == (3, "job.py:8")


def test_a_reply_is_kept_as_json_with_its_keys_in_order() -> None:
    """Two replies are then equal if their texts are; a long one is cut, and what is no JSON is shown as it is."""
    assert as_text({"b": 1, "a": [2]}) == as_text({"a": [2], "b": 1}) == '{"a":[2],"b":1}'
    assert len(as_text("x" * 1000)) == REPLY_MOST + 1
    assert as_text(object()).startswith("<object")
    assert msgspec.json.decode(as_text("text")) == "text"
