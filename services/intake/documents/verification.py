"""Whether a paper was issued, for anybody who holds it: nothing personal is shown, and nothing without the paper's check code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.intake.documents import store
from services.intake.documents.domain import DocumentType, check_code_matches, normalise_number

NO_DOCUMENT = "-" * 10
"""Compared with where there is no such number, so that the time taken does not disclose it."""


class NotVerified(LookupError):
    """No paper has this number and check code. Which of the two is wrong is not disclosed.

    Args:
        number: normalised.
    """

    def __init__(self, number: str) -> None:
        super().__init__("no paper of this number and check code")
        self.number = number


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """What is said of a paper that was issued. `dossier` is the code that must stand on it."""

    number: str
    kind: DocumentType
    agency: str
    dossier: str
    issued_at: datetime


def verify(connection: Connection, number: str, code: str) -> VerifiedDocument:
    """The paper of a number and a check code, both as typed.

    Raises:
        NotVerified: the caller counts it by :func:`services.intake.lookup.throttle.count_wrong_try`.
    """
    wanted = normalise_number(number)
    candidates = store.issued(connection, wanted)
    matching = [one for one in candidates if check_code_matches(code, one.check_code)]
    if not candidates:
        check_code_matches(code, NO_DOCUMENT)
    if not matching:
        raise NotVerified(wanted)
    found = matching[0]
    return VerifiedDocument(found.number, found.type, found.agency, found.dossier, found.issued_at)
