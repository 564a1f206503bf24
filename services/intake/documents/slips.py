"""What slips say: of payments, of the result's return, and of a changed appointment."""

from __future__ import annotations

import orjson

from services.intake.documents.contents import Draft, Source
from services.intake.documents.domain import RETURN, DocumentType, NotIssuable
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State
from services.intake.payments import store as payments
from services.intake.results.domain import IdentityCheck, Method
from services.intake.results.store import hand_over_of
from shared.documents.words import dong, dong_in_words, moment_in_words
from shared.runtime.clock import VIETNAM

METHODS = {"cash": "Tiền mặt", "transfer": "Chuyển khoản", "online": "Trực tuyến"}
RESULTS = {"refused": "Văn bản thông báo từ chối giải quyết"}


def payment_slip(source: Source, _cause: str) -> Draft:
    """All that was paid so far."""
    dossier = source.dossier(DocumentType.PAYMENT_SLIP)
    paid = payments.payments_of(source.connection, dossier.code)
    if not paid:
        raise NotIssuable(DocumentType.PAYMENT_SLIP)
    obligations = {one.id: one.name for one in payments.obligations_of(source.connection, dossier.code)}
    fees = ", ".join(one["name"] for one in orjson.loads(dossier.fee_items)) or "Phí, lệ phí"
    total = sum(one.amount for one in paid)
    return Draft(
        dossier.receiving_agency,
        {
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
        },
    )


def return_slip(source: Source, _cause: str) -> Draft:
    """That the result was handed over: to whom, how, and with which originals."""
    dossier = source.dossier(DocumentType.RETURN_SLIP)
    if dossier.returned_at is None:
        raise NotIssuable(DocumentType.RETURN_SLIP)
    how = hand_over_of(source.connection, dossier.code) or {}
    identity = how.get("identity")
    return Draft(
        dossier.receiving_agency,
        {
            "received": moment_in_words(dossier.received_at),
            "promised": moment_in_words(dossier.promised_at),
            "returned": moment_in_words(dossier.returned_at),
            "result": RESULTS.get(dossier.outcome or "", "Kết quả giải quyết thủ tục hành chính"),
            "receiver": dossier.receiver_name or dossier.applicant_name,
            "method": Method(how["method"]).label[0] if how else "",
            "identity": IdentityCheck(identity).label[0] if identity else "",
            "document": how.get("document", ""),
            "originals": list(how.get("originals", ())),
            "parcel": how.get("parcel", ""),
            "note": dossier.return_note or "",
        },
        RETURN,
    )


def appointment_slip(source: Source, _cause: str) -> Draft:
    """When the result can be fetched, as it stands now."""
    dossier = source.dossier(DocumentType.APPOINTMENT_SLIP)
    waiting = dossier.state in (State.RECEIVED, State.PROCESSING, State.OBLIGATION_REQUESTED, State.RESOLVED)
    if not waiting or dossier.paused:
        raise NotIssuable(DocumentType.APPOINTMENT_SLIP)
    moved = dossier.due_at != dossier.promised_at
    return Draft(
        dossier.receiving_agency,
        {
            "received": moment_in_words(dossier.received_at),
            "promised": moment_in_words(dossier.promised_at) if moved else "",
            "due": moment_in_words(dossier.due_at),
            "reason": _why_later(source, dossier) if moved else "",
            "return_place": source.desk,
        },
    )


def _why_later(source: Source, dossier: Dossier) -> str:
    given = dossiers.reappointments_of(source.connection, dossier.code)
    if given and given[-1].due_at == dossier.due_at:
        return given[-1].reason
    return "Thời hạn được tính lại sau khi bổ sung hồ sơ" if dossier.supplemented_at else ""
