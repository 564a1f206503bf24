"""What official papers say about a dossier or an application, as texts that their templates show.

Each builder returns the fields that ``templates/forms/<kind>.typ`` reads, besides those that every paper has (number, code, check code).
Those of the desk are here, notices in `notices.py`, slips in `slips.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.documents.domain import DocumentType, NotIssuable
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.filing.domain.parties import Relation
from services.intake.procedures.queries import limit_text
from shared.agencies import Agencies
from shared.catalogue import Procedure
from shared.documents.issuer import issuer_fields
from shared.documents.qr import qr_svg
from shared.documents.words import day_in_words, dong, moment_in_words
from shared.phones import is_mobile
from shared.runtime.clock import VIETNAM

PAPER_KINDS = {"original": "Bản chính", "copy": "Bản sao", "form": "Tờ khai, biểu mẫu"}
PAPER_FORMS = {"original": "Bản chính", "certified": "Bản sao chứng thực", "copy": "Bản sao"}


NO_SMS = "không nhận được tin nhắn SMS; đề nghị ông/bà tra cứu hoặc để lại số di động Việt Nam"
"""What is said of a telephone to which no message can be sent."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where papers take their texts from.

    Attributes:
        connection: inside a transaction.
        subject: a dossier, or an application that is none (yet), as read.
        procedure: the version under which it was received.
        agencies: for names and places.
        today: the day of issue.
        public_url: the platform's address.
    """

    connection: Connection
    subject: Dossier | Application
    procedure: Procedure
    agencies: Agencies
    today: date
    public_url: str

    def dossier(self, kind: DocumentType) -> Dossier:
        """The dossier.

        Raises:
            NotIssuable: it is an application.
        """
        if isinstance(self.subject, Application):
            raise NotIssuable(kind)
        return self.subject

    @property
    def desk(self) -> str:
        """The name of the receiving desk."""
        return self.agencies.name_of(self.subject.receiving_agency, self.today)


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper before it has a number.

    Attributes:
        agency: the issuer's code.
        fields: what the form shows; must have a JSON form. No look-up secrets.
        cause: see :class:`services.intake.documents.domain.IssuedDocument`.
        number: the number as printed, and its year, if the issuer's own register has given it; else the paper gets the desk's next one.
    """

    agency: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    number: tuple[str, int] | None = None


def party_fields(one: Dossier | Application) -> dict[str, Any]:
    """The applicant, and who acts for them and applies with them."""
    people = orjson.loads(one.parties) if one.parties else {}
    old = f" (CMND cũ: {one.applicant_old_id_number})" if one.applicant_old_id_number else ""
    acting = people.get("representative")
    return {
        "name": one.applicant_name,
        "id_label": DocumentKind(one.applicant_id_kind).vi,
        "id_number": f"{one.applicant_id_number}{old}",
        "address": one.applicant_address,
        "phone": one.applicant_phone,
        "email": one.applicant_email,
        "acting_label": Relation(acting["relation"]).vi if acting else "",
        "acting": _person(acting) if acting else "",
        "together": [_person(other) for other in people.get("co_applicants", ())],
    }


def _person(one: Mapping[str, str]) -> str:
    label = DocumentKind(one["id_kind"]).vi
    label = label[0].lower() + label[1:]
    authority = f", theo {one['authority']}" if one.get("authority") else ""
    phone = f", điện thoại {one['phone']}" if one.get("phone") else ""
    return f"{one['name']}, {label} {one['id_number']}{phone}{authority}"


def receipt(source: Source, _cause: str) -> Draft:
    """Form 01."""
    dossier, procedure = source.dossier(DocumentType.RECEIPT), source.procedure
    case = procedure.case(dossier.case_code)
    chosen = orjson.loads(dossier.chosen)
    limit = limit_text(procedure.limit_for(case.code, chosen))[0]
    extra = f", cộng {case.remote_extra_days} ngày vùng khó khăn" if dossier.remote and case.remote_extra_days else ""
    uncounted = f" (không tính: {case.uncounted})" if case.uncounted else ""
    lookup = f"{source.public_url}/intake/"
    return Draft(
        dossier.receiving_agency,
        {
            # The receipt is dated as the dossier was received, however late it is printed.
            **dated(source, dossier.received_at),
            "lookup_url": lookup,
            "lookup_qr": qr_svg(f"{lookup}?code={dossier.code}"),
            "case": "" if dossier.case_code == "default" else case.name,
            "linked": [one["name"] for one in linked_names(procedure, chosen)],
            "papers": [_paper(one) for one in orjson.loads(dossier.papers)],
            "sets": "01 (bộ)",
            "limit": f"{limit}{extra}{uncounted}",
            "received": moment_in_words(dossier.received_at),
            "promised": moment_in_words(dossier.promised_at),
            "return_place": source.desk,
            "phone_note": "" if is_mobile(dossier.applicant_phone) else NO_SMS,
            "fees": _fees(orjson.loads(dossier.fee_items), dossier.fee),
        },
    )


def _paper(one: Mapping[str, Any]) -> dict[str, str]:
    kind = PAPER_FORMS.get(one.get("form", "")) or PAPER_KINDS.get(one["kind"], "Khác")
    kept = " (Bộ phận Một cửa giữ, trả lại sau)" if one.get("kept") else ""
    return {"name": f"{one['name']}{kept}", "kind": kind, "copies": f"{one['copies']:02d}"}


def _fees(items: list[Mapping[str, Any]], total: int) -> str:
    if not items:
        return "Không thu"
    listed = "; ".join(f"{one['name']}: {dong(one['amount'])}" for one in items)
    return listed if len(items) == 1 else f"{listed}. Cộng: {dong(total)}"


def dated(source: Source, moment: datetime) -> dict[str, Any]:
    """Place and day of a paper that is dated as its act, however late it is printed."""
    day = moment.astimezone(VIETNAM).date()
    return {"place_day": issuer_fields(source.agencies, source.subject.receiving_agency, day)["place_day"]}


def day_of(moment: datetime) -> str:
    """The day of a moment at the beginning of a sentence: Ngày 05 tháng 01 năm 2026."""
    return day_in_words(moment.astimezone(VIETNAM).date()).capitalize()
