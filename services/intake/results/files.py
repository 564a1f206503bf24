"""The file of an electronic result: published by the desk, taken by the citizen, and known by its hash to whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import Connection

from services.intake.documents.numbering import take_number
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State
from services.intake.results import store
from services.intake.results.commands import return_result
from services.intake.results.domain import HandOver, Method, NotReturnable
from services.intake.results.store import ResultFile
from services.intake.uploads.commands import checked_upload
from services.intake.uploads.rules import UploadRules
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.uploads.content import Unacceptable
from shared.uploads.upload import Upload

KIND, SYMBOL = "electronic_result", "KQDT"
"""The kind of number, and its abbreviation on the result."""
PAPER = "result"
"""As what the file is uploaded: it is no paper of the dossier."""
BY_CITIZEN = "online"
"""Who handed over a result that the citizen has taken from the page."""
READABLE = frozenset({State.RESOLVED, State.RETURNED})


class NoSuchResult(LookupError):
    """No electronic result has this hash, or another one has taken its place."""


@dataclass(frozen=True, slots=True)
class VerifiedResult:
    """What anybody who holds a result's file is told about it."""

    number: str
    agency: str
    dossier: str
    sha256: str
    published_at: datetime


def checked_result(file: IO[bytes], given_name: str, rules: UploadRules) -> Upload:
    """The file of a result, if it is a whole PDF of a permitted size.

    Raises:
        Unacceptable: it is not.
    """
    upload = checked_upload(file, given_name, PAPER, rules)
    if upload.media_type != "application/pdf":
        raise Unacceptable("Kết quả điện tử phải là tệp PDF.", "An electronic result is a PDF.")
    return upload


def publish_result(work: UnitOfWork, dossier: Dossier, upload: Upload, paper_too: bool, clerk: str) -> ResultFile:
    """Gives the citizen the file of the result; one that was published before is void, unless it is the same.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        upload: announced, stored and found clean.
        paper_too: whether the result is on paper as well, and is handed over besides.
        clerk: the subject of the clerk's token.

    Raises:
        NotReturnable: there is no result, or it was handed over.
        TimeoutError: storing the file took so long that it was given up.
    """
    if dossier.state is not State.RESOLVED:
        raise NotReturnable(dossier.state)
    earlier = store.file_of(work.connection, dossier.code)
    if earlier is not None and (earlier.sha256, earlier.paper_too) == (upload.sha256, paper_too):
        uploads.discard(work, upload.id, upload.id)
        return earlier
    if not uploads.confirm(work, upload.id, clean=True):
        raise TimeoutError("it took too long")
    if earlier is not None:
        uploads.discard(work, earlier.file, earlier.file)
    agency = dossier.receiving_agency
    number = take_number(work, agency, KIND, work.now.astimezone(VIETNAM).year)
    published = ResultFile(
        dossier=dossier.code,
        file=upload.id,
        number=f"{number:02d}/{SYMBOL}-{agency}",
        agency=agency,
        sha256=upload.sha256,
        bytes=upload.size,
        paper_too=paper_too,
        added_at=work.now,
        added_by=clerk,
        taken_at=None,
    )
    store.put_file(work.connection, published)
    work.emit(
        "result.published",
        {
            "dossier": dossier.code,
            "receiving_agency": agency,
            "number": published.number,
            "sha256": published.sha256,
            "published_at": work.now,
        },
    )
    return published


def take_result(work: UnitOfWork, code: str, secret_hash: str) -> dict[str, Any]:
    """Records that the citizen has taken the file. A result without a paper is handed over by it, unless the desk still keeps originals.

    Args:
        work: the transaction; it locks the dossier.
        code: the dossier's.
        secret_hash: as it was when the citizen opened the dossier.

    Raises:
        NoSuchResult: there is none now, or the secret was replaced.
    """
    dossier = dossiers.lock(work.connection, code)
    file = store.file_of(work.connection, code)
    if file is None or dossier.state not in READABLE or dossier.secret_hash != secret_hash:
        raise NoSuchResult(code)
    if file.taken_at is None:
        store.mark_taken(work.connection, code, work.now)
    if dossier.state is State.RESOLVED and not file.paper_too and not dossier.originals_kept:
        taken = HandOver(Method.ELECTRONIC, None, citizen_notified=True)
        return_result(work, dossier, taken, BY_CITIZEN)
    return {"code": code}


def readable_file(connection: Connection, dossier: Dossier) -> ResultFile | None:
    """The file of a result that the citizen may have now."""
    return store.file_of(connection, dossier.code) if dossier.state in READABLE else None


def verify_result(connection: Connection, sha256: str) -> VerifiedResult:
    """The result whose file has a hash.

    Raises:
        NoSuchResult: as it says.
    """
    found = store.file_by_hash(connection, sha256.lower())
    if found is None:
        raise NoSuchResult
    return VerifiedResult(found.number, found.agency, found.dossier, found.sha256, found.added_at)
