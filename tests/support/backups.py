"""Backups of single databases for tests, by the programs that operators use."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.support.postgres import binary


def plain_url(url: str) -> str:
    """An SQLAlchemy URL as PostgreSQL's own programs take it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def back_up(url: str, target: Path) -> Path:
    """Copies one database, which may be in use, into a file.

    Args:
        url: its SQLAlchemy URL.
        target: the file.
    """
    database = make_url(url).database or ""
    if url.startswith("sqlite:"):
        with sqlite3.connect(database) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        copy.close()
        source.close()
    else:
        _run(binary("pg_dump"), "--format=custom", f"--file={target}", plain_url(url))
    return target


def restore(url: str, backup: Path) -> None:
    """Puts a backup in the place of a database that nobody uses."""
    if url.startswith("sqlite:"):
        database = Path(make_url(url).database or "")
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        database.write_bytes(backup.read_bytes())  # the file stays, its content is older: the hardest to notice
    else:
        _run(binary("pg_restore"), "--clean", "--if-exists", f"--dbname={plain_url(url)}", str(backup))


def _run(*command: str) -> None:
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr}"
