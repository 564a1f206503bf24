"""The history of a dossier for the tests of the portal plug-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts import REGISTRY
from shared.national_portal.history import TIME_FIELDS, DossierEvent
from shared.national_portal.mapping import progress_record
from shared.national_portal.rules import Rules, load_rules

CODE = "H12.31.01-251120-0118"
DESK, REGISTRY_OFFICE, TAX = "H12.31.01", "H12.14.02", "G12.12"
NAMES: Mapping[str, str] = {DESK: "Một cửa xã Phước Long", REGISTRY_OFFICE: "Chi nhánh đất đai", TAX: "Thuế tỉnh"}
RULES: Rules = load_rules()


def named(code: str) -> str:
    """An agency's name in the samples."""
    return NAMES.get(code, code)


def sample_event(event: str, at: str = "", /, **data: Any) -> DossierEvent:
    """An event of the contracts' own example with some fields changed.

    Args:
        event: such as ``dossier.received``.
        at: when, as ``21T09:00`` of November 2025; the example's own time by default.
        **data: fields that differ.
    """
    when = {TIME_FIELDS[event]: f"2025-11-{at}:00+07:00"} if at else {}
    return DossierEvent(event, {**REGISTRY.by_name[event].example, "dossier": CODE, **when, **data})


WHOLE = (
    sample_event("dossier.received", "20T08:15", receiving_agency=DESK, promised_at="2025-12-02T17:30:00+07:00"),
    sample_event("step.assigned", "20T10:00", task="t-1", agency=REGISTRY_OFFICE, due_at="2025-11-21T10:00:00+07:00"),
    sample_event(
        "supplement.requested", "21T09:00", task="t-1", agency=REGISTRY_OFFICE, reason="Thiếu trang chứng thực."
    ),
    sample_event("dossier.supplemented", "22T09:00"),
    sample_event("step.completed", "23T09:00", task="t-1", step="assessment", agency=REGISTRY_OFFICE),
    sample_event("step.assigned", "23T09:01", task="t-2", step="tax", name="Xác định thuế", agency=TAX, due_at=None),
    sample_event("obligation.requested", "24T09:00", obligation="o-1", name="Thuế", amount=12500000, agency=TAX),
    sample_event("fee.paid", "25T09:00", obligation="o-1", amount=12500000),
    sample_event("step.completed", "25T09:01", task="t-2", step="tax", agency=TAX),
    sample_event(
        "step.assigned", "25T09:02", task="t-3", step="printing", name="In Giấy chứng nhận", agency=REGISTRY_OFFICE
    ),
    sample_event("step.completed", "26T09:00", task="t-3", step="printing", agency=REGISTRY_OFFICE),
    sample_event("dossier.resolved", "26T09:00", agency=REGISTRY_OFFICE),
    sample_event("dossier.returned", "27T09:30", receiving_agency=DESK),
)
"""A land transfer with every kind of event."""

STATES = [2, 4, 5, 4, 4, 4, 6, 4, 4, 4, 4, 9, 10]
"""The state after each event."""

EVERY_STATE = [2, 4, 5, 4, 6, 4, 9, 10]
"""The distinct states, in order."""


ENTRIES = [
    entry["ThoiDiemXuLy"] + entry["NoiDungXuLy"]
    for entry in (progress_record(WHOLE[: number + 1], CODE, named) for number in range(len(WHOLE)))
]
"""The progress entries, in order."""


def dossier(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """Intake's answer about the land transfer."""
    return {
        "code": code,
        "procedure": {"code": "1.013831", "name": "Đăng ký biến động", "version": 1},
        "case": "transfer",
        "case_name": "Chuyển nhượng",
        "field": "land",
        "field_name": "Đất đai",
        "channel": "counter",
        "receiving_agency": DESK,
        "received_at": "2025-11-20T08:15:00+07:00",
        "promised_at": "2025-12-02T17:30:00+07:00",
        "due_at": "2025-12-02T17:30:00+07:00",
        "resolved_at": None,
        "outcome": None,
        "returned_at": None,
        "fee_items": [{"code": "fee", "name": "Lệ phí", "amount": 100000}],
        "fee_paid_at": None,
        "obligations": [],
        "supplement_requests": [],
        "reappointments": [],
        "papers": [{"code": "contract", "name": "Hợp đồng chuyển nhượng", "kind": "original", "copies": 2}],
        "outputs": [
            {"step": "assessment", "code": "cadastral-slip", "name": "Phiếu chuyển"},
            {"step": "printing", "code": "certificate", "name": "Giấy chứng nhận"},
        ],
        "applicant": {
            "name": "Nguyễn Thị Bưởi",
            "id_number": "095185001234",
            "id_kind": "citizen_id",
            "phone": "0912345678",
            "email": "buoi@example.vn",
            "address": "Ấp Long Thành",
        },
        **changes,
    }
