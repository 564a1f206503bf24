"""Files that only the platform's own account may read: databases with their journals, keys, logs, the spool of messages."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)

UMASK = 0o077
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")


def private_folder(folder: Path) -> Path:
    """Creates a folder, and the missing ones above it, for the owner alone; one that exists stays as it is."""
    for path in reversed([folder, *folder.parents]):
        if not path.exists():
            path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return folder


def private_database(path: Path) -> None:
    """Creates an SQLite file for the owner alone, or closes an existing one to others. SQLite gives its journals the same mode."""
    private_folder(path.parent)
    path.touch(mode=PRIVATE_FILE)
    for suffix in SQLITE_SUFFIXES:
        _close(path.with_name(path.name + suffix))


def keep_private(folder: Path) -> None:
    """Closes a data folder and everything in it to other accounts, such as one that an earlier version made.

    What belongs to another account stays as it is, and so does everything in a folder that accounts share, such as /tmp.
    """
    private_folder(folder)
    if folder.stat().st_mode & stat.S_ISVTX or folder in (Path("/"), Path.home()):
        log.warning("%s is not a folder of the platform alone: its files are left as they are", folder)
        return
    for path in [folder, *folder.rglob("*")]:
        _close(path)


def _close(path: Path) -> None:
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or not found.st_mode & UMASK:
            return
        path.chmod(stat.S_IMODE(found.st_mode) & ~UMASK)
    except FileNotFoundError:  # another process has deleted it
        return
