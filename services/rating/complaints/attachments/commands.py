"""Keeping the files of complaints, and what the worker does with them by and by."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO

from services.rating.complaints.attachments.store import AREA, TYPED, discard_unsent, rows
from services.rating.complaints.domain import Fault
from services.rating.complaints.entry_rules import EntryRules, entry_rules
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.storage import SealedStorage, open_storage
from shared.uploads.content import Unacceptable, checked_file
from shared.uploads.keeping import delete_discarded, delete_orphans, keep_file, reseal_files, scan_waiting
from shared.uploads.scan import is_clean
from shared.uploads.upload import State, Upload
from shared.virus_scan import Scanner, read_scanner

FIELD = "file"
AT_ONCE = 100


def keep_files(
    store: Store,
    storage: SealedStorage,
    scanner: Scanner,
    complaint: str,
    given: Iterable[tuple[str, IO[bytes]]],
    rules: EntryRules,
) -> list[Fault]:
    """Checks files and keeps them for a complaint that is being written; those that are good stay, whatever is wrong with others.

    Args:
        store: rating's.
        storage: of the files.
        scanner: looks for viruses.
        complaint: its identifier, which its form has from the beginning.
        given: names and contents, as they came.
        rules: in force.

    Returns:
        what is wrong with those that are not kept, each named.

    Raises:
        shared.storage.StorageUnavailable: the storage does not answer; the same form may be sent again.
    """
    faults = []
    for name, content in given:
        try:
            found = checked_file(content, name, rules.file_bytes)
            upload = Upload(str(uuid.uuid4()), TYPED, found.name, found.media_type, found.size, found.sha256)
            clean = is_clean(scanner, content)
            keep_file(
                rows, store, storage, complaint, upload, content, clean, lambda work: _room(work, complaint, rules)
            )
        except Unacceptable as fault:
            faults.append(Fault(FIELD, f"{name[:100]}: {fault.vi}", f"{name[:100]}: {fault.en}"))
    return faults


def _room(work: UnitOfWork, complaint: str, rules: EntryRules) -> None:
    if rows.count(work.connection, complaint, TYPED) >= rules.files:
        raise Unacceptable(f"Tối đa {rules.files} tệp.", f"There may be {rules.files} files at most.")


def take_out(store: Store, complaint: str, file: str) -> None:
    """Takes a file out of a form that is not sent yet; one that was sent stays."""
    with store.read() as connection:
        own = [one.id for one in unsent_files(rows.shown_of_draft(connection, complaint))]
    if file in own:
        store.run(lambda work: rows.discard(work, complaint, file))


def unsent_files(files: Iterable[Upload]) -> list[Upload]:
    """Those of a form that is not sent."""
    return [one for one in files if one.paper == TYPED]


def usable_files(files: Iterable[Upload]) -> list[Upload]:
    """Those that belong to a complaint; one that waits for the virus scanner, or was refused by it, cannot be opened."""
    return [one for one in files if one.paper != TYPED and one.state in (State.KEPT, State.CHECKING)]


def _storage(context: Context) -> SealedStorage:
    return open_storage(context.settings, area=AREA)


def delete_unsent(context: Context) -> int:
    """Has the files of forms deleted that were never sent."""
    before = context.clock.wall() - entry_rules(context.clock.now().date()).unsent
    return context.store.run(lambda work: discard_unsent(work, before, AT_ONCE))


def delete_discarded_files(context: Context) -> int:
    """Deletes files that are no longer wanted from the storage."""
    return delete_discarded(rows, context.store, _storage(context))


def delete_orphaned_files(context: Context) -> int:
    """Deletes files of which the database knows nothing."""
    return delete_orphans(rows, context.store, _storage(context), datetime.now(UTC))


def scan_waiting_files(context: Context) -> int:
    """Scans the files that came while the virus scanner was away."""
    return scan_waiting(rows, context.store, _storage(context), read_scanner())


def reseal_restored_files(context: Context) -> int:
    """Protects all files of complaints by the first data key."""
    return reseal_files(rows, context.store, _storage(context))
