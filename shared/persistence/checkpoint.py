"""Emptying the write-ahead log of an SQLite file: it keeps what has long been deleted, such as names and telephone numbers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

WAIT_MS = 50
"""How long to wait for readers; writers wait meanwhile. If they are busy, the next attempt will do."""


def empty_log(database: Path) -> bool:
    """Moves the log into the database and truncates it; false if it was empty, or somebody was reading from it.

    Args:
        database: the SQLite file.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    log = database.with_name(f"{database.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        return False
    connection = sqlite3.connect(database, timeout=WAIT_MS / 1000, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy
    finally:
        connection.close()
