"""An application with a list on disk: what was accepted and has not ended is done by the next process."""

import asyncio
from pathlib import Path
from typing import Any

from asyncio_side.write_ahead import WriteAhead
from harness.contenders.contender import Request
from harness.contenders.in_process.coroutines import in_process
from harness.contenders.in_process.surviving import crossing_out, surviving
from workloads.side import AsyncioSide


class Process:
    """An application that dies, and the next one."""

    def __init__(self, path: Path) -> None:
        self.jobs = WriteAhead(path)
        self.may_end = asyncio.Event()
        self.begun: list[Any] = []
        side = AsyncioSide(run=crossing_out(self.work, self.jobs))
        self.side = in_process(side, slots=None)

    async def work(self, **payload: Any) -> str:
        """Waits, or fails."""
        self.begun.append(payload["url"])
        if payload["url"] == "wrong":
            raise LookupError("no such job")
        await self.may_end.wait()
        return "done"


async def test_a_job_that_a_scenario_starts_is_written_down_as_a_request_is(tmp_path: Path) -> None:
    """Before it begins; what was cut off begins again, what has ended or failed does not."""
    first = Process(tmp_path / "jobs")
    async with surviving(first.side, first.jobs) as survivor:
        started = [survivor.start_job(Request(number, {"url": url})) for number, url in enumerate(("a", "wrong"))]
        assert [number for number, _ in first.jobs.left()] == [0, 1]
        submitted = asyncio.create_task(survivor.submit(Request(2, {"url": "b"})))
        await asyncio.sleep(0)
        first.may_end.set()
        assert (await submitted).reply == await started[0].reply() == "done"
        assert first.jobs.left() == []
        first.may_end.clear()
        cut_off = survivor.start_job(Request(3, {"url": "c"}))
        await asyncio.sleep(0)
        cut_off.forget()
        await asyncio.sleep(0)
    second = Process(tmp_path / "jobs")
    second.may_end.set()
    async with surviving(second.side, second.jobs):
        pass
    assert second.begun == ["c"]
    third = WriteAhead(tmp_path / "jobs")
    assert third.left() == []
    third.close()
