"""A run's journal as server-sent events."""

import asyncio
from pathlib import Path

from harness.progress.journal import Journal
from harness.report.journal_events import events
from tests.harness.progress.test_journal import write_whole_run


def test_followers_get_every_event_once_wherever_they_begin(tmp_path: Path) -> None:
    """Each event's id is where the next begins; a line that is being written waits; the end ends it."""
    path = tmp_path / "progress.jsonl"
    write_whole_run(Journal(path))

    async def follow(offset: int) -> list[str]:
        return [text async for text in events(path, offset)]

    every = asyncio.run(follow(0))
    assert len(every) == len(path.read_bytes().splitlines())
    identity = int(every[2].split("\n")[0].removeprefix("id: "))
    assert asyncio.run(follow(identity)) == every[3:]
    text = path.read_bytes()
    assert all(f"data: {line.decode()}\n" in event for line, event in zip(text.splitlines(), every, strict=True))


def test_a_line_that_is_being_written_is_left_for_the_next_time(tmp_path: Path) -> None:
    """Half an event is none."""
    path = tmp_path / "progress.jsonl"
    write_whole_run(Journal(path))
    text = path.read_bytes()
    path.write_bytes(text[:-3])
    lines = len(text.splitlines())

    async def main() -> list[str]:
        got: list[str] = []
        async for event in events(path, 0):
            got.append(event)
            if len(got) == lines - 1:
                path.write_bytes(text)
        return got

    assert len(asyncio.run(main())) == lines


def test_lines_that_are_no_events_are_left_out(tmp_path: Path) -> None:
    """Nothing that stands in the file is passed on as it is, and a line without an end does not fill the memory."""
    path = tmp_path / "progress.jsonl"
    write_whole_run(Journal(path))
    good = path.read_bytes()
    bad = b"text\r\ndata: x\n\xff\n{}\n" + b"[" * 100_000 + b"\n" + b"x" * (3 << 20) + b"\n"
    path.write_bytes(bad + good)

    async def main() -> list[str]:
        return [text.partition("data: ")[2] async for text in events(path, 0)]

    assert asyncio.run(main()) == [f"{line.decode()}\n\n" for line in good.splitlines()]
