"""The SQLite file of the queue: its tables and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, dossier TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ix_event_dossier ON event (dossier, id);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, dossier TEXT NOT NULL, service TEXT NOT NULL, updating INTEGER NOT NULL,
    switched INTEGER NOT NULL DEFAULT 0,    stored_at REAL NOT NULL, deadline REAL NOT NULL, sent_at REAL, UNIQUE (event, service));
CREATE INDEX IF NOT EXISTS ix_message_dossier ON message (dossier, id);
CREATE INDEX IF NOT EXISTS ix_message_waiting ON message (deadline) WHERE sent_at IS NULL;
CREATE INDEX IF NOT EXISTS ix_message_oldest ON message (stored_at) WHERE sent_at IS NULL;
CREATE TABLE IF NOT EXISTS dossier (
    code TEXT PRIMARY KEY, head INTEGER, round INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, parked_at REAL, reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_dossier_ready ON dossier (not_before, head) WHERE head IS NOT NULL AND parked_at IS NULL;
CREATE INDEX IF NOT EXISTS ix_dossier_parked ON dossier (parked_at) WHERE parked_at IS NOT NULL;
"""
WAIT_SECONDS = 15
HEAD = "SELECT min(id) FROM message WHERE dossier = :code AND sent_at IS NULL"
RESET_FAILURES = "failures = 0, refusals = 0, parked_at = NULL, reason = ''"


class PortalDatabase:
    """One connection to the file, for one thread; also a context manager.

    Args:
        path: the file; created when it does not exist.

    Raises:
        sqlite3.Error: the file cannot be used; so does every method.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'ix_dossier_parked'").fetchone():
            self._connection.executescript(SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
