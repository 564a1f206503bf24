"""What the complainant is told by message: notify alone gets where to, encrypted, and the secret once."""

from __future__ import annotations

from datetime import datetime

from services.rating.complaints.domain import State
from services.rating.complaints.store import Complaint
from shared.persistence.unit_of_work import UnitOfWork


def notify_complainant(
    work: UnitOfWork, complaint: Complaint, kind: State, due_at: datetime | None = None, secret: str = ""
) -> None:
    """Has the complainant told how the complaint stands; nothing where they gave neither telephone nor e-mail.

    Args:
        work: the transaction.
        complaint: as it is now.
        kind: what has happened: lodged, more_requested, rejected, answered or published.
        due_at: until when something is due, where the message says so.
        secret: of the look-up; only in the first message.
    """
    if not complaint.phone and not complaint.email:
        return
    work.emit(
        "complaint.notice",
        {
            "complaint": complaint.code,
            "agency": complaint.agency,
            "kind": kind.value,
            "phone": complaint.phone,
            "email": complaint.email,
            "code": secret,
            "due_at": due_at,
            "language": complaint.language,
            "at": work.now,
        },
    )
