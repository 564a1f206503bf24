"""Keeping uploaded files: checked first, then stored, and only then part of what they were uploaded for; and what becomes of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.storage import NoSuchFile, SealedStorage, Storage, StorageUnavailable
from shared.uploads.rows import UploadRows
from shared.uploads.upload import State, Upload
from shared.virus_scan import Scanner, ScannerUnavailable, TooLargeToScan

log = logging.getLogger(__name__)

ARRIVES_WITHIN = timedelta(hours=1)
ORPHAN_AFTER = timedelta(days=30)
"""How long a file stays of which no row knows: until then a newer backup of the database may be found and restored."""
SWEPT_AT_ONCE = 100
ASKED_AT_ONCE = 500


def keep_file(
    rows: UploadRows,
    store: Store,
    storage: Storage,
    draft: str,
    upload: Upload,
    content: IO[bytes],
    clean: bool,
    check_room: Callable[[UnitOfWork], None],
) -> None:
    """Keeps a file: first its row, then the file, then the row says that the file is there. The same file once more changes nothing.

    Args:
        rows: of the service's table.
        store: of the service.
        storage: of its files.
        draft: for which it was uploaded.
        upload: what it is.
        content: of the file, which stands at its beginning.
        clean: whether it was scanned; otherwise it waits for the scanner.
        check_room: raises where no more files may be added.

    Raises:
        shared.storage.StorageUnavailable: it is not kept.
    """

    def announce(work: UnitOfWork) -> bool:
        present = [one for one in rows.shown_of_draft(work.connection, draft) if one.state is not State.REFUSED]
        if any((one.paper, one.sha256) == (upload.paper, upload.sha256) for one in present):
            return False
        check_room(work)
        rows.announce(work, draft, upload)
        return True

    if not store.run(announce):
        return  # the same file once more, such as by pressing the button twice
    storage.put(upload.id, content, upload.size)
    if not store.run(lambda work: rows.confirm(work, upload.id, clean)):
        raise StorageUnavailable("it took too long")


def scan_waiting(rows: UploadRows, store: Store, storage: Storage, scanner: Scanner) -> int:
    """Scans files that came while the scanner was away; those with a virus are refused and deleted from the storage.

    Returns:
        how many are waiting no longer; the others wait for the next time.

    Raises:
        shared.storage.StorageUnavailable: the next time goes on.
    """
    with store.read() as connection:
        ids = rows.waiting(connection, SWEPT_AT_ONCE)
    for done, id in enumerate(ids):
        try:
            with storage.open(id) as file:
                found = scanner.scan(file)
        except ScannerUnavailable as error:
            log.warning("%s uploaded files wait for the virus scanner: %s", len(ids) - done, error)
            return done
        except TooLargeToScan as error:
            log.warning("the virus scanner takes no file of the size that may be uploaded, raise its limit: %s", error)
            found = "too large"
        except NoSuchFile:
            found = "lost"
        if found:
            log.warning("an uploaded file that has waited for the virus scanner is refused: %s", found)
        store.run(lambda work, id=id, clean=not found: rows.scanned(work, id, clean))  # type: ignore[misc]
        if found:
            storage.delete(id)
    return len(ids)


def delete_discarded(rows: UploadRows, store: Store, storage: Storage) -> int:
    """Deletes files that are no longer wanted from the storage, then their rows; returns how many."""
    before = store.clock.wall() - ARRIVES_WITHIN
    with store.read() as connection:
        failed = rows.has_failed(connection, before)
    if failed:
        store.run(lambda work: rows.give_up(work, before))
    with store.read() as connection:
        ids = rows.to_delete(connection, SWEPT_AT_ONCE)
    for id in ids:
        storage.delete(id)
        store.run(lambda work, id=id: rows.forget(work, id))  # type: ignore[misc]
    return len(ids)


def delete_orphans(rows: UploadRows, store: Store, storage: SealedStorage, now: datetime) -> int:
    """Deletes files of which no row knows, such as those that a restored database has forgotten; returns how many.

    Only files that are old enough, and that these keys have sealed under this name: a folder or bucket that somebody else uses too
    loses nothing.

    Args:
        rows: of the service's table.
        store: of the service.
        storage: of its files.
        now: real time.

    Raises:
        shared.storage.StorageUnavailable: the next sweep goes on.
    """
    before, deleted = now - ORPHAN_AFTER, 0
    storage.discard_leftovers(now - ARRIVES_WITHIN)
    found = storage.keys(before)
    while keys := list(islice(found, ASKED_AT_ONCE)):
        with store.read() as connection:
            known = rows.known(connection, keys)
        for key in keys:
            if key not in known and _is_own(storage, key):
                storage.delete(key)
                deleted += 1
    return deleted


def reseal_files(rows: UploadRows, store: Store, storage: SealedStorage) -> int:
    """Protects all files by the first data key, so that another one is needed no longer; returns how many were changed.

    It may be stopped and begun again at any time, and files can be read meanwhile.

    Raises:
        shared.storage.StorageUnavailable: begin again.
        shared.runtime.data_keys.UnreadableData: a file's data key is missing.
    """
    changed, last = 0, ""
    while True:
        with store.read() as connection:
            ids = rows.ids_after(connection, last, ASKED_AT_ONCE)
        if not ids:
            return changed
        changed += sum(_resealed(storage, id) for id in ids)
        last = ids[-1]


def files_by_key(rows: UploadRows, store: Store, storage: SealedStorage) -> Counter[str]:
    """How many files each data key protects.

    Raises:
        shared.storage.StorageUnavailable: try again later.
    """
    found: Counter[str] = Counter()
    last = ""
    while True:
        with store.read() as connection:
            ids = rows.ids_after(connection, last, ASKED_AT_ONCE)
        if not ids:
            return found
        for id in ids:
            try:
                found[storage.key_id(id)] += 1
            except NoSuchFile:  # deleted meanwhile
                continue
        last = ids[-1]


def _resealed(storage: SealedStorage, id: str) -> bool:
    try:
        return storage.reseal(id)
    except NoSuchFile:  # deleted meanwhile
        return False


def _is_own(storage: SealedStorage, key: str) -> bool:
    try:
        return storage.is_own(key)
    except NoSuchFile:  # another process has deleted it
        return False
