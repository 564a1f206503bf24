"""What the platform tells an agency about the dossier of its step: the papers (thành phần hồ sơ) and the applicant."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class PapersRefused(PermissionError):
    """The platform refuses the papers: the step is not, or no longer, this agency's, or was never assigned."""


class PapersUnavailable(ConnectionError):
    """The platform gives no papers now. Let it out of the handler: the handler is called again later, and no attempt is counted.

    Args:
        message: why.
        retry_after: seconds that the platform asks to wait; None if it does not.
    """

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PapersNotYet(PapersUnavailable):
    """The platform's intake does not know the step yet: the event about it is still under way there."""


@dataclass(frozen=True)
class Paper:
    """One paper of the dossier.

    Attributes:
        code: identifies the paper within its procedure.
        name: for people.
        kind: what the procedure asks for: original, copy, form …
        copies: how many.
        form: as what it was handed in; empty if nobody said.
        kept: whether it is an original that the desk keeps.
        given_back_at: when the desk gave it back; None until then.
    """

    code: str
    name: str
    kind: str = ""
    copies: int = 1
    form: str = ""
    kept: bool = False
    given_back_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    """The applicant, a co-applicant or the representative: personal data. What the platform does not know is empty.

    Attributes:
        id_number, id_kind: of the identity document, or the tax code of an organisation.
        birth_date: ``1990-01-31``, or the year alone.
        old_id_number: of an earlier identity card.
        relation, authority: of a representative: to the applicant, and by which document.
        data: all fields of the answer, including those that this SDK does not know.
    """

    name: str
    id_number: str = ""
    id_kind: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    birth_date: str = ""
    sex: str = ""
    old_id_number: str = ""
    relation: str = ""
    authority: str = ""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class DossierDetails:
    """A dossier as an agency sees it while one of its steps is the agency's.

    Attributes:
        dossier: its code.
        papers: what was handed in.
        procedure, case: what it is about.
        received_at: when the desk received it.
        applicant, representative, co_applicants: personal data; each reading is recorded by the platform.
        data: the whole answer, including fields that this SDK does not know.
    """

    dossier: str
    papers: tuple[Paper, ...] = ()
    procedure: str = ""
    case: str = ""
    received_at: datetime | None = None
    applicant: Person | None = None
    representative: Person | None = None
    co_applicants: tuple[Person, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def parse_details(body: bytes) -> DossierDetails:
    """Reads the platform's answer; unknown fields stay in `data` only.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not readable.
    """
    data = json.loads(body)
    return DossierDetails(
        data["dossier"],
        tuple(_paper(paper) for paper in data["papers"]),
        data.get("procedure") or "",
        data.get("case") or "",
        _time(data.get("received_at")),
        _person(data.get("applicant")),
        _person(data.get("representative")),
        tuple(person for each in data.get("co_applicants") or () if (person := _person(each))),
        data,
    )


def _paper(paper: Mapping[str, Any]) -> Paper:
    return Paper(
        paper["code"],
        paper["name"],
        paper.get("kind") or "",
        int(paper.get("copies") or 1),
        paper.get("form") or "",
        bool(paper.get("kept")),
        _time(paper.get("given_back_at")),
    )


_PERSON_FIELDS = [spec.name for spec in dataclasses.fields(Person) if spec.name != "data"]


def _person(person: Mapping[str, Any] | None) -> Person | None:
    if not person:
        return None
    return Person(**{name: person.get(name) or "" for name in _PERSON_FIELDS}, data=person)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
