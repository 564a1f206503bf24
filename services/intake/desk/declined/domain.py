"""A filing that the desk declined before it was received: for which reason, and what the visitor is told in writing.

At the counter the clerk guides the visitor to supplement or complete the papers, or refuses what is not the desk's to receive, with the
reason (NĐ 118/2025, article 17; forms 02 and 03 of TT 03/2025/TT-VPCP). No dossier arises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from services.intake.documents.domain import DocumentType
from services.intake.filing.domain.applicant import (
    MAX_NOTE,
    InvalidField,
    email_address,
    identity_number,
    old_identity_number,
    person_name,
    phone_number,
    plain_text,
    postal_address,
)
from services.intake.supplements.domain import requested_papers

GUIDANCE, REFUSAL = DocumentType.SUPPLEMENT_REQUEST, DocumentType.REFUSAL
KINDS = (GUIDANCE, REFUSAL)


class Reason(StrEnum):
    """Why a filing is declined, as it is counted."""

    PAPERS_MISSING = "papers_missing"
    PAPERS_INVALID = "papers_invalid"
    FORM_INCOMPLETE = "form_incomplete"
    NOT_COMPETENT = "not_competent"
    NOT_ELIGIBLE = "not_eligible"
    NO_RIGHT_TO_FILE = "no_right_to_file"
    ALREADY_FILED = "already_filed"
    OTHER = "other"

    @property
    def vi(self) -> str:
        """As the paper and the pages call it."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]


_LABELS: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.PAPERS_MISSING: ("Thiếu giấy tờ", "Papers are missing"),
        Reason.PAPERS_INVALID: ("Giấy tờ không hợp lệ hoặc đã hết giá trị", "Papers are not valid or have expired"),
        Reason.FORM_INCOMPLETE: ("Tờ khai chưa đầy đủ hoặc chưa chính xác", "The form is incomplete or wrong"),
        Reason.NOT_COMPETENT: ("Không thuộc thẩm quyền giải quyết", "Not within competence"),
        Reason.NOT_ELIGIBLE: ("Không đủ điều kiện theo quy định", "The conditions of the law are not met"),
        Reason.NO_RIGHT_TO_FILE: (
            "Người nộp không có quyền nộp hoặc không được ủy quyền",
            "The visitor has no right to file, or no authority",
        ),
        Reason.ALREADY_FILED: ("Việc này đã được nộp, đang được giải quyết", "It was filed before and is under way"),
        Reason.OTHER: ("Lý do khác", "Another reason"),
    }
)

REASONS: Mapping[DocumentType, tuple[Reason, ...]] = MappingProxyType(
    {
        GUIDANCE: (Reason.PAPERS_MISSING, Reason.PAPERS_INVALID, Reason.FORM_INCOMPLETE),
        REFUSAL: (
            Reason.NOT_COMPETENT,
            Reason.NOT_ELIGIBLE,
            Reason.NO_RIGHT_TO_FILE,
            Reason.ALREADY_FILED,
            Reason.OTHER,
        ),
    }
)
"""The reasons of each kind of answer."""


class UnknownDeclinedFiling(LookupError):
    """No filing of this id was declined."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """To whom the paper is given: personal data. Only the name is required; without a number nobody can be recognised next time."""

    name: str
    id_number: str
    id_kind: str
    old_id_number: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True, slots=True)
class Decline:
    """What a clerk has decided, checked.

    Attributes:
        kind: one of :data:`KINDS`.
        reason: one of :data:`REASONS` of the kind.
        note: the reason in words; empty where what is to be completed says it all.
        papers: what is to be supplemented or completed; empty in a refusal.
        matter: what the visitor asks for, where no procedure of the catalogue is meant.
    """

    kind: DocumentType
    visitor: Visitor
    reason: Reason
    note: str
    papers: tuple[str, ...]
    matter: str


@dataclass(frozen=True, slots=True)
class DeclinedFiling:
    """A row of `declined_filing`; the fields are the columns, in their order.

    Attributes:
        id: random; the paper is kept under it, as those of a dossier under its code.
        procedure, procedure_version: empty and 0 for a matter outside the catalogue, which `matter` names.
        number, year: of the paper.
        papers: JSON list of texts.
        repeated: whether the same person was turned away before for the procedure, and has filed nothing since.
        erased_at: when the personal data were erased; None while they are there.
    """

    id: str
    kind: str
    agency: str
    procedure: str
    procedure_version: int
    field: str
    case_code: str
    reason: str
    number: str
    year: int
    declined_at: datetime
    declined_by: str
    repeated: bool
    note: str
    papers: str
    matter: str
    applicant_name: str
    applicant_id_number: str
    applicant_id_kind: str
    applicant_old_id_number: str
    applicant_phone: str
    applicant_email: str
    applicant_address: str
    erased_at: datetime | None

    @property
    def paper_names(self) -> list[str]:
        """What was to be supplemented or completed."""
        found: list[str] = json.loads(self.papers)
        return found


def make_visitor(typed: Mapping[str, str]) -> tuple[Visitor | None, list[InvalidField]]:
    """The visitor from the texts typed, or all their faults.

    Args:
        typed: by the names of :class:`Visitor`; all but the name may be empty.
    """
    faults: list[InvalidField] = []
    values = dict.fromkeys(("phone", "email", "address", "old_id_number"), "")
    id_number = id_kind = name = ""
    try:
        name = person_name(typed.get("name", ""))
    except InvalidField as fault:
        faults.append(fault)
    if typed.get("id_number", "").strip():
        try:
            document = identity_number(typed["id_number"], typed.get("id_kind", ""))
            id_number, id_kind = document.number, str(document.kind)
        except InvalidField as fault:
            faults.append(fault)
    for field, rule in (
        ("phone", phone_number),
        ("email", email_address),
        ("address", postal_address),
        ("old_id_number", old_identity_number),
    ):
        if typed.get(field, "").strip():
            try:
                values[field] = rule(typed[field])
            except InvalidField as fault:
                faults.append(fault)
    if faults:
        return None, faults
    return Visitor(name=name, id_number=id_number, id_kind=id_kind, **values), []


def make_decline(
    kind: DocumentType, visitor: Mapping[str, str], reason: str, note: str, papers: Sequence[str], matter: str | None
) -> tuple[Decline | None, list[InvalidField]]:
    """What a clerk has decided from the texts typed, or all their faults.

    Args:
        kind: one of :data:`KINDS`.
        visitor: as for :func:`make_visitor`.
        reason: the code of a reason.
        note: the reason in words; a refusal needs it (NĐ 118/2025, article 19.3).
        papers: names, for a guidance.
        matter: what the visitor asks for; None where a procedure of the catalogue is meant.
    """
    person, faults = make_visitor(visitor)
    clean_matter, clean_note = "", ""
    names: list[str] = []
    try:
        clean_matter = plain_text(matter or "", "matter", MAX_NOTE)
        if matter is not None and not clean_matter:
            raise InvalidField("matter", "Chưa ghi nội dung yêu cầu giải quyết.", "What is asked for is missing.")
    except InvalidField as fault:
        faults.append(fault)
    if kind is GUIDANCE:
        try:
            names = requested_papers(papers)
        except InvalidField as fault:
            faults.append(fault)
    if reason not in REASONS[kind]:
        faults.append(InvalidField("reason", "Chọn lý do.", "Choose the reason."))
    try:
        clean_note = plain_text(note, "note", MAX_NOTE)
        if kind is REFUSAL and not clean_note:
            raise InvalidField("note", "Phải nêu rõ lý do từ chối.", "The reason in words is missing.")
    except InvalidField as fault:
        faults.append(fault)
    if faults or person is None:
        return None, faults
    return Decline(kind, person, Reason(reason), clean_note, tuple(names), clean_matter), []


def reason_in_words(reason: str, note: str) -> str:
    """The reason as the paper states it: its kind, and then what the clerk has written, in a paragraph of its own."""
    kind = Reason(reason)
    head = "" if kind is Reason.OTHER else f"{kind.vi}."
    return "\n".join(filter(None, (head, note)))
