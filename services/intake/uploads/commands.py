"""Keeping uploaded files: checked first, then stored, and only then part of the draft."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import IO

from services.intake.uploads import store as rows
from services.intake.uploads.domain import Unacceptable, Upload, file_name, media_type_of
from services.intake.uploads.rules import UploadRules
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.storage import Storage

ARRIVES_WITHIN = timedelta(hours=1)
SWEPT_AT_ONCE = 100
_PIECE = 1 << 16


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
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(_PIECE):
        size += len(piece)
        digest.update(piece)
        if size > rules.file_bytes:
            most = rules.file_bytes >> 20
            raise Unacceptable(f"Tệp lớn hơn {most} MB.", f"The file is larger than {most} MB.")
    if not size:
        raise Unacceptable("Tệp không có nội dung.", "The file is empty.")
    media_type = media_type_of(file, size)
    file.seek(0)
    return Upload(str(uuid.uuid4()), paper, file_name(given_name, media_type), media_type, size, digest.hexdigest())


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


def delete_discarded(store: Store, storage: Storage) -> int:
    """Deletes files that are no longer wanted from the storage, then their rows; returns how many."""
    with store.read() as connection:
        ids = rows.to_delete(connection, store.clock.wall() - ARRIVES_WITHIN, SWEPT_AT_ONCE)
    for id in ids:
        storage.delete(id)
        store.run(lambda work, id=id: rows.forget(work, id))  # type: ignore[misc]
    return len(ids)
