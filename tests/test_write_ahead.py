"""The list on disk of an application on asyncio: what was accepted is still there after its process was killed."""

import os
import signal
from pathlib import Path

from asyncio_side.write_ahead import WriteAhead


def test_what_was_not_crossed_out_is_there_after_a_kill(tmp_path: Path) -> None:
    """In the order in which it was accepted, with its payload."""
    path = tmp_path / "jobs"
    pid = os.fork()
    if pid == 0:
        jobs = WriteAhead(path)
        for number in range(4):
            jobs.accept(number, {"url": f"http://x/{number}", "seconds": 0.5})
        jobs.done(1)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    jobs = WriteAhead(path)
    assert [number for number, _ in jobs.left()] == [0, 2, 3]
    assert jobs.left()[1] == (2, {"url": "http://x/2", "seconds": 0.5})
    for number, _ in jobs.left():
        jobs.done(number)
    assert jobs.left() == []
    jobs.close()
