"""What each official paper says about a dossier, as texts that its template shows.

Each function returns the fields that ``templates/forms/<kind>.typ`` reads, besides those that every paper has (number, code, check code).
A paper that is issued from here on what the dossier holds; other causes, such as a refusal at the desk, give :func:`party_fields`,
:func:`issuer_fields` and their own fields to :func:`services.intake.documents.commands.issue_document`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.documents.domain import DocumentType, NotIssuable
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State
from services.intake.dossiers.events_view import CAUSES
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.payments import store as payments
from services.intake.procedures.queries import limit_text
from services.intake.supplements import store as supplements
from shared.agencies import Agencies, UnknownAgency
from shared.catalogue import Procedure
from shared.documents.qr import qr_svg
from shared.documents.words import day_in_words, dong, dong_in_words, moment_in_words
from shared.runtime.clock import VIETNAM

PAPER_KINDS = {"original": "Bản chính", "copy": "Bản sao", "form": "Tờ khai, biểu mẫu"}
METHODS = {"cash": "Tiền mặt", "transfer": "Chuyển khoản", "online": "Trực tuyến"}
UNIT_KINDS = ("Tỉnh ", "Thành phố ", "Huyện ", "Quận ", "Thị xã ", "Xã ", "Phường ", "Thị trấn ", "Đặc khu ")


@dataclass(frozen=True, slots=True)
class Source:
    """Where papers take their texts from.

    Attributes:
        connection: inside a transaction.
        dossier: as read.
        procedure: the version under which it was received.
        agencies: for names and places.
        today: the day of issue.
        public_url: the platform's address.
    """

    connection: Connection
    dossier: Dossier
    procedure: Procedure
    agencies: Agencies
    today: date
    public_url: str


def contents_of(kind: DocumentType, source: Source) -> tuple[str, dict[str, Any]]:
    """The issuer's code and the contents of a paper about a dossier.

    Raises:
        NotIssuable: the dossier gives no cause for it.
    """
    build = BUILDERS.get(kind)
    if build is None:
        raise NotIssuable(kind)
    agency, fields = build(source)
    return agency, {**issuer_fields(source.agencies, agency, source.today), **party_fields(source), **fields}


def issuable(source: Source) -> list[DocumentType]:
    """The papers for which a dossier gives cause now."""

    def can_be(kind: DocumentType) -> bool:
        try:
            BUILDERS[kind](source)
        except NotIssuable:
            return False
        return True

    return [kind for kind in BUILDERS if can_be(kind)]


def issuer_fields(agencies: Agencies, agency: str, today: date) -> dict[str, str]:
    """Who issues a paper, and where and when (NĐ 30/2020/NĐ-CP, appendix I)."""
    name, parent, place = agencies.name_of(agency, today), "", ""
    try:
        known = agencies.get(agency, today)
        parent = agencies.name_of(known.parent, today) if known.parent else ""
        place = agencies.unit(known.unit, today).name
    except UnknownAgency:
        pass  # it has ended; its last name is all that is printed
    for kind in UNIT_KINDS:
        place = place.removeprefix(kind)
    day = day_in_words(today)
    return {
        "issuer": name,
        "parent": parent,
        "place_day": f"{place}, {day}" if place else day.capitalize(),
        "desk_label": "Bộ phận Một cửa",
        "contact": name,
    }


def party_fields(source: Source) -> dict[str, str]:
    """The applicant and what they ask for."""
    dossier = source.dossier
    return {
        "name": dossier.applicant_name,
        "id_label": DocumentKind(dossier.applicant_id_kind).vi,
        "id_number": dossier.applicant_id_number,
        "address": dossier.applicant_address,
        "phone": dossier.applicant_phone,
        "email": dossier.applicant_email,
        "procedure": f"{source.procedure.name} ({source.procedure.code})",
    }


def _receipt(source: Source) -> tuple[str, dict[str, Any]]:
    dossier, procedure = source.dossier, source.procedure
    case = procedure.case(dossier.case_code)
    limit = limit_text(procedure.limit_for(case.code, orjson.loads(dossier.chosen)))[0]
    extra = f", cộng {case.remote_extra_days} ngày vùng khó khăn" if dossier.remote and case.remote_extra_days else ""
    uncounted = f" (không tính: {case.uncounted})" if case.uncounted else ""
    lookup = f"{source.public_url}/intake/"
    desk = source.agencies.name_of(dossier.receiving_agency, source.today)
    return dossier.receiving_agency, {
        # The receipt is dated as the dossier was received, however late it is printed.
        **_dated(source, dossier.received_at),
        "lookup_url": lookup,
        "lookup_qr": qr_svg(f"{lookup}?code={dossier.code}"),
        "case": "" if dossier.case_code == "default" else case.name,
        "linked": [one["name"] for one in linked_names(procedure, orjson.loads(dossier.chosen))],
        "papers": [
            {"name": one["name"], "kind": PAPER_KINDS.get(one["kind"], "Khác"), "copies": f"{one['copies']:02d}"}
            for one in orjson.loads(dossier.papers)
        ],
        "sets": "01 (bộ)",
        "limit": f"{limit}{extra}{uncounted}",
        "received": moment_in_words(dossier.received_at),
        "promised": moment_in_words(dossier.promised_at),
        "return_place": desk,
        "fees": _fees(orjson.loads(dossier.fee_items), dossier.fee),
    }


def _dated(source: Source, moment: datetime) -> dict[str, Any]:
    day = moment.astimezone(VIETNAM).date()
    return {"place_day": issuer_fields(source.agencies, source.dossier.receiving_agency, day)["place_day"]}


def _fees(items: list[Mapping[str, Any]], total: int) -> str:
    if not items:
        return "Không thu"
    listed = "; ".join(f"{one['name']}: {dong(one['amount'])}" for one in items)
    return listed if len(items) == 1 else f"{listed}. Cộng: {dong(total)}"


def _supplement_request(source: Source) -> tuple[str, dict[str, Any]]:
    requests = supplements.requests_of(source.connection, source.dossier.code)
    if not requests:
        raise NotIssuable(DocumentType.SUPPLEMENT_REQUEST)
    newest = requests[-1]
    return source.dossier.receiving_agency, {
        "papers": orjson.loads(newest.papers),
        "reason": newest.reason,
        "requested_by": source.agencies.name_of(newest.agency, source.today),
        "until": moment_in_words(newest.until) if newest.until else "",
        **_dated(source, newest.requested_at),
    }


def _apology(source: Source) -> tuple[str, dict[str, Any]]:
    dossier = source.dossier
    given = dossiers.reappointments_of(source.connection, dossier.code)
    if not given:
        raise NotIssuable(DocumentType.APOLOGY)
    newest = given[-1]
    return newest.agency, {
        "received_on": _day(dossier.received_at),
        "desk": source.agencies.name_of(dossier.receiving_agency, source.today),
        "field_name": source.procedure.field_name,
        "was_due": moment_in_words(newest.was_due_at),
        "due": moment_in_words(newest.due_at),
        "reason": newest.reason,
        "responsible": source.agencies.name_of(newest.agency, source.today),
    }


def _stop_notice(source: Source) -> tuple[str, dict[str, Any]]:
    dossier = source.dossier
    if dossier.stopped_at is None or dossier.stop_cause is None:
        raise NotIssuable(DocumentType.STOP_NOTICE)
    return dossier.receiving_agency, {
        "received_on": _day(dossier.received_at),
        "stopped": moment_in_words(dossier.stopped_at),
        "cause": CAUSES[dossier.stop_cause][0],
        "reason": dossier.stop_reason or "",
    }


def _payment_slip(source: Source) -> tuple[str, dict[str, Any]]:
    paid = payments.payments_of(source.connection, source.dossier.code)
    if not paid:
        raise NotIssuable(DocumentType.PAYMENT_SLIP)
    obligations = {one.id: one.name for one in payments.obligations_of(source.connection, source.dossier.code)}
    fees = ", ".join(one["name"] for one in orjson.loads(source.dossier.fee_items)) or "Phí, lệ phí"
    total = sum(one.amount for one in paid)
    return source.dossier.receiving_agency, {
        "payments": [
            {
                "name": obligations.get(one.obligation or "", fees),
                "how": f"{METHODS.get(one.method, one.method)}, {one.paid_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}",
                "amount": dong(one.amount),
            }
            for one in paid
        ],
        "total": dong(total),
        "total_in_words": dong_in_words(total),
    }


def _return_slip(source: Source) -> tuple[str, dict[str, Any]]:
    dossier = source.dossier
    if dossier.returned_at is None:
        raise NotIssuable(DocumentType.RETURN_SLIP)
    return dossier.receiving_agency, {
        "received": moment_in_words(dossier.received_at),
        "promised": moment_in_words(dossier.promised_at),
        "returned": moment_in_words(dossier.returned_at),
        "result": RESULTS.get(dossier.outcome or "", "Kết quả giải quyết thủ tục hành chính"),
        "receiver": dossier.receiver_name or dossier.applicant_name,
        "note": dossier.return_note or "",
    }


RESULTS = {"refused": "Văn bản thông báo từ chối giải quyết"}


def _appointment_slip(source: Source) -> tuple[str, dict[str, Any]]:
    dossier = source.dossier
    waiting = dossier.state in (State.RECEIVED, State.PROCESSING, State.OBLIGATION_REQUESTED, State.RESOLVED)
    if not waiting or dossier.paused:
        raise NotIssuable(DocumentType.APPOINTMENT_SLIP)
    return dossier.receiving_agency, {
        "received": moment_in_words(dossier.received_at),
        "promised": "" if dossier.due_at == dossier.promised_at else moment_in_words(dossier.promised_at),
        "due": moment_in_words(dossier.due_at),
        "reason": _why_later(source) if dossier.due_at != dossier.promised_at else "",
        "return_place": source.agencies.name_of(dossier.receiving_agency, source.today),
    }


def _why_later(source: Source) -> str:
    given = dossiers.reappointments_of(source.connection, source.dossier.code)
    if given and given[-1].due_at == source.dossier.due_at:
        return given[-1].reason
    return "Thời hạn được tính lại sau khi bổ sung hồ sơ" if source.dossier.supplemented_at else ""


def _day(moment: datetime) -> str:
    return day_in_words(moment.astimezone(VIETNAM).date()).capitalize()


BUILDERS: Mapping[DocumentType, Callable[[Source], tuple[str, dict[str, Any]]]] = {
    DocumentType.RECEIPT: _receipt,
    DocumentType.APPOINTMENT_SLIP: _appointment_slip,
    DocumentType.PAYMENT_SLIP: _payment_slip,
    DocumentType.SUPPLEMENT_REQUEST: _supplement_request,
    DocumentType.APOLOGY: _apology,
    DocumentType.STOP_NOTICE: _stop_notice,
    DocumentType.RETURN_SLIP: _return_slip,
}
"""How a paper is made from what a dossier holds. A refusal is not here: what was refused is no dossier."""
