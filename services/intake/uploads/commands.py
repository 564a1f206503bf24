"""Keeping uploaded files: checked first, then stored, and only then part of the draft."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

from services.intake.uploads import store as rows
from services.intake.uploads.domain import Upload
from services.intake.uploads.rules import UploadRules
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.storage import NoSuchFile, SealedStorage, Storage
from shared.uploads.content import Unacceptable, checked_file
from shared.virus_scan import Scanner, ScannerUnavailable, TooLargeToScan

log = logging.getLogger(__name__)

ARRIVES_WITHIN = timedelta(hours=1)
ORPHAN_AFTER = timedelta(days=30)
"""How long a file stays of which no row knows: until then a newer backup of the database may be found and restored."""
SWEPT_AT_ONCE = 100
ASKED_AT_ONCE = 500


def checked_upload(file: IO[bytes], given_name: str, paper: str, rules: UploadRules) -> Upload:
    """What an uploaded file is, by its content.

    Args:
        file: can be read anywhere.
        given_name: as the browser says.
        paper: code of the paper.
        rules: in force.

    Raises:
        Unacceptable: it is too large, empty, of another type, or broken.
    """
    found = checked_file(file, given_name, rules.file_bytes)
    return Upload(str(uuid.uuid4()), paper, found.name, found.media_type, found.size, found.sha256)


def check_room(work: UnitOfWork, draft: str, paper: str, rules: UploadRules) -> None:
    """Checks that one more file may be added.

    Raises:
        Unacceptable: the paper or the draft has as many as it may have.
    """
    most = rules.files_per_paper
    if rows.count(work.connection, draft, paper) >= most:
        raise Unacceptable(f"Mỗi giấy tờ tối đa {most} tệp.", f"A paper may have {most} files at most.")
    most = rules.files_per_draft
    if rows.count(work.connection, draft) >= most:
        raise Unacceptable(f"Mỗi hồ sơ tối đa {most} tệp.", f"A dossier may have {most} files at most.")


def scan_waiting(store: Store, storage: Storage, scanner: Scanner) -> int:
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


def delete_discarded(store: Store, storage: Storage) -> int:
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


def delete_orphans(store: Store, storage: SealedStorage, now: datetime) -> int:
    """Deletes files of which no row knows, such as those that a restored database has forgotten; returns how many.

    Only files that are old enough, and that these keys have sealed under this name: a folder or bucket that somebody else uses too
    loses nothing.

    Args:
        store: of intake.
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


def reseal_files(store: Store, storage: SealedStorage) -> int:
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


def files_by_key(store: Store, storage: SealedStorage) -> Counter[str]:
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
