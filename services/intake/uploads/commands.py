"""What an uploaded file of a draft is, and whether the draft has room for it."""

from __future__ import annotations

import uuid
from typing import IO

from services.intake.uploads.rules import UploadRules
from services.intake.uploads.store import rows
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.content import Unacceptable, checked_file
from shared.uploads.upload import Upload


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
