"""Removes what runs left behind that were killed: temporary folders, and the shared memory of their PostgreSQL."""

import shutil
from pathlib import Path

from harness.machine.scratch import left_behind
from harness.services.servers.postgres import remove_segment


def remove_leftovers() -> list[Path]:
    """The folders that were removed."""
    folders = left_behind()
    for folder in folders:
        for data in folder.glob("tmp/*/data"):
            remove_segment(data)
        shutil.rmtree(folder, ignore_errors=True)
    return folders
