"""asyncio: a list of jobs on disk. Each is written down before it begins, and crossed out once it has ended.

What is still there when the application starts was accepted by one that died: it is done again. A job may so be done
twice, and must bear it.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any


class WriteAhead:
    """The jobs that have been accepted and have not ended, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)  # each statement is a transaction
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # on disk once it is accepted, also if the machine fails
        self._db.execute("CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, payload TEXT NOT NULL)")

    def left(self) -> list[tuple[int, dict[str, Any]]]:
        """Those of an application that died, in their order."""
        rows = self._db.execute("SELECT id, payload FROM jobs ORDER BY id")
        return [(number, json.loads(payload)) for number, payload in rows]

    def accept(self, number: int, payload: dict[str, Any]) -> None:
        """Write one down; only then may its caller be told that it will be done."""
        self._db.execute("INSERT INTO jobs VALUES (?, ?)", (number, json.dumps(payload)))

    def done(self, number: int) -> None:
        """Cross it out."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (number,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
