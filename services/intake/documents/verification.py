"""Whether a paper was issued, for anybody who holds it: nothing personal is shown, and nothing without the paper's check code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.documents import store
from services.intake.documents.domain import DocumentType, check_code_matches, masked_name, normalise_number
from services.intake.documents.queries import find_subject
from services.intake.dossiers.domain import UnknownDossier

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
    """What is said of a paper that was issued, to be compared with it.

    Attributes:
        dossier: the code that must stand on it; empty on a paper that was given before a filing.
        name: the applicant's, masked; empty once the paper's contents were erased.
        replaced_by: the number of the paper that is valid instead; empty while this one is.
        state: of the dossier as it stands now, in Vietnamese and in English; None if it is no longer kept.
    """

    number: str
    kind: DocumentType
    agency: str
    dossier: str
    issued_at: datetime
    name: str
    replaced_at: datetime | None
    replaced_by: str
    state: tuple[str, str] | None


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
    return VerifiedDocument(
        number=found.number,
        kind=found.type,
        agency=found.agency,
        dossier=found.printed_code,
        issued_at=found.issued_at,
        name=masked_name(orjson.loads(found.contents)["name"]) if found.contents else "",
        replaced_at=found.replaced_at,
        replaced_by=found.replaced_by,
        state=_state(connection, found.dossier),
    )


def _state(connection: Connection, code: str) -> tuple[str, str] | None:
    try:
        subject = find_subject(connection, code)
    except UnknownDossier:
        return None
    label = subject.status if isinstance(subject, Application) else subject.state
    return label.vi, label.en
