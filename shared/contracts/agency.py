"""Events between the platform and the agencies that plug in: steps assigned to one agency, and its decisions.

Data from an agency is untrusted, so every text and number has a limit.
"""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate

from shared.contracts.base import EventSchema, EventType, time_field
from shared.text import UnprintableText, clean_text
from shared.text.limits import ASKED_PAPERS, NOTE, OUTCOME, PAPER

SHORT = 200
MOST_VND = 10**15


def _text(least: int = 1, most: int = SHORT, **options: Any) -> fields.Str:
    """Return the field of a text with `least` to `most` characters, required unless `options` say otherwise."""
    return fields.Str(validate=validate.Length(least, most), **{"required": True, **options})


def _free_text() -> fields.Str:
    """Return the field of an optional long text."""
    return _text(0, NOTE, required=False, load_default="")


class AgencyStepAssigned(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    name = fields.Str(required=True)
    agency = fields.Str(required=True)
    official_role = fields.Str(required=True)
    procedure = fields.Str(required=True)
    procedure_name = fields.Str(required=True)
    case = fields.Str(required=True)
    field = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    counted = fields.Bool(required=True)
    assigned_at = time_field()
    due_at = time_field(required=False, allow_none=True, load_default=None)
    outcomes = fields.List(fields.Str(), required=True)
    obligation_outcome = fields.Str(allow_none=True, load_default=None)
    wait_until = time_field(required=False, allow_none=True, load_default=None)
    note = fields.Str(load_default="")
    regulation = fields.Str(required=True)


class AgencyStepCancelled(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    agency = fields.Str(required=True)
    reason = fields.Str(required=True)
    cancelled_at = time_field()


class AgencyDecisionRejected(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    agency = fields.Str(required=True)
    decision = fields.Str(required=True)
    code = fields.Str(required=True)
    message_vi = fields.Str(required=True)
    message_en = fields.Str(required=True)
    rejected_at = time_field()


class _FromAgency(EventSchema):
    """Base of what agencies send: its texts are cleaned as those of pages and APIs are."""

    @pre_load
    def clean_texts(self, data: Any, **_options: Any) -> Any:
        """Cleans the texts, also those in lists."""
        return {name: _cleaned(name, value) for name, value in data.items()} if isinstance(data, dict) else data


def _cleaned(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(name, item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return clean_text(value)
    except UnprintableText as error:
        raise ValidationError(str(error), name) from error


class AgencyStepAccepted(_FromAgency):
    """The fields that all decisions share; accepting a step has no others."""

    dossier = _text()
    task = _text()
    agency = _text()
    in_reply_to = _text()
    decided_at = time_field()
    by = _text(0, SHORT, required=False, load_default="")
    note = _free_text()


class AgencyStepCompleted(AgencyStepAccepted):
    outcome = _text(1, OUTCOME)


class AgencyStepReturned(AgencyStepAccepted):
    reason = _text(1, NOTE)


class AgencySupplementRequested(AgencyStepAccepted):
    reason = _text(1, NOTE)
    papers = fields.List(_text(1, PAPER), required=True, validate=validate.Length(1, ASKED_PAPERS))


class AgencyObligationRequested(AgencyStepAccepted):
    outcome = _text(1, OUTCOME)
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, MOST_VND))


_CODE = "000.00.14.H57-251120-0118"
_TASK = "0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11"
_AGENCY = "H57.30.01"
_STEP = {"dossier": _CODE, "task": _TASK, "agency": _AGENCY}
_DECISION = {
    **_STEP,
    "in_reply_to": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11",
    "decided_at": "2025-11-21T09:00:00+07:00",
    "by": "cb-0417",
    "note": "",
}

TO_AGENCIES = (
    EventType(
        name="agency.step.assigned",
        owner="routing",
        subscribers=(),
        addressed=True,
        schema=AgencyStepAssigned(),
        title=("Bước xử lý được giao cho hệ thống của cơ quan", "A step was assigned to an agency's own software"),
        example={
            **_STEP,
            "step": "assessment",
            "name": "Thẩm định hồ sơ",
            "official_role": "officer",
            "procedure": "1.013831",
            "procedure_name": "Đăng ký biến động quyền sử dụng đất",
            "case": "transfer",
            "field": "land",
            "receiving_agency": "H57.10.01",
            "counted": True,
            "assigned_at": "2025-11-20T10:00:00+07:00",
            "due_at": "2025-11-21T10:00:00+07:00",
            "outcomes": ["completed", "refused"],
            "obligation_outcome": None,
            "wait_until": None,
            "note": "Hồ sơ gồm bản chính giấy chứng nhận",
            "regulation": "nd118-2025",
        },
    ),
    EventType(
        name="agency.step.cancelled",
        owner="routing",
        subscribers=(),
        addressed=True,
        schema=AgencyStepCancelled(),
        title=("Bước đã giao không cần xử lý nữa", "A step assigned to an agency needs no work any more"),
        example={**_STEP, "reason": "withdrawn", "cancelled_at": "2025-11-21T08:00:00+07:00"},
    ),
    EventType(
        name="agency.decision.rejected",
        owner="routing",
        subscribers=(),
        addressed=True,
        schema=AgencyDecisionRejected(),
        title=("Quyết định của cơ quan không được chấp nhận", "An agency's decision was rejected, with the reason"),
        example={
            **_STEP,
            "decision": "5b0c6d8e-6f0a-5a7b-9f5e-3d2c1b0a9f8e",
            "code": "already_done",
            "message_vi": "Bước này đã hoàn thành.",
            "message_en": "This step is already done.",
            "rejected_at": "2025-11-21T09:00:01+07:00",
        },
    ),
)


def _decision(name: str, schema: EventSchema, title: tuple[str, str], **more: Any) -> EventType:
    example = {**_DECISION, **more}
    return EventType(
        name,
        owner="agency",
        subscribers=("routing",),
        schema=schema,
        title=title,
        example=example,
        anew=("decided_at",),  # a program that was killed decides the same step again, later
    )


FROM_AGENCIES = (
    _decision(
        "agency.step.accepted",
        AgencyStepAccepted(),
        ("Cơ quan đã tiếp nhận bước xử lý", "An agency accepted a step"),
    ),
    _decision(
        "agency.step.completed",
        AgencyStepCompleted(),
        ("Cơ quan đã hoàn thành bước xử lý", "An agency completed a step"),
        outcome="completed",
    ),
    _decision(
        "agency.step.returned",
        AgencyStepReturned(),
        ("Cơ quan trả lại bước xử lý", "An agency returned a step to the agency that assigned it"),
        reason="Thửa đất không thuộc địa bàn của cơ quan",
    ),
    _decision(
        "agency.supplement.requested",
        AgencySupplementRequested(),
        ("Cơ quan yêu cầu bổ sung hồ sơ", "An agency needs more papers from the citizen"),
        reason="Hợp đồng chưa được công chứng",
        papers=["Hợp đồng chuyển nhượng có công chứng"],
    ),
    _decision(
        "agency.obligation.requested",
        AgencyObligationRequested(),
        ("Cơ quan xác định nghĩa vụ tài chính", "An agency determined what the citizen has to pay, in VND"),
        outcome="obligation",
        amount=12500000,
    ),
)

EVENTS = TO_AGENCIES + FROM_AGENCIES
