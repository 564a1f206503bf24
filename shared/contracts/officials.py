"""What officials did: at the counter, and in the agencies. From these events rating knows whom a rating is about, and stats shows each
official their own numbers.

An official is the subject of their token, never a name. Only rating and stats receive these events; they are never archived or shown.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

VISITOR_ACTS = ("called", "served")
"""What is done with a visitor at a desk."""
DESK_ACTS = ("received", "returned")
"""What is done with a dossier at a desk: it is received, its result is handed over."""
TIMELINESS = ("on_time", "late", "uncounted")
"""A completed step by the official's own time limit; `uncounted` has none."""


class OfficialServed(EventSchema):
    act = fields.Str(required=True, validate=validate.OneOf(VISITOR_ACTS))
    official = fields.Str(required=True)
    desk = fields.Str(required=True)
    counter = fields.Int(required=True, allow_none=True)
    ticket = fields.Str(required=True)
    number = fields.Str(required=True)  # of the ticket, as shown
    at = time_field()


class OfficialHandledDossier(EventSchema):
    act = fields.Str(required=True, validate=validate.OneOf(DESK_ACTS))
    official = fields.Str(required=True)
    desk = fields.Str(required=True)
    dossier = fields.Str(required=True)
    procedure = fields.Str(required=True)
    field = fields.Str(required=True)
    at = time_field()


class OfficialCompletedStep(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    official = fields.Str(required=True)
    procedure = fields.Str(required=True)
    field = fields.Str(required=True)
    due_at = time_field(required=False, allow_none=True, load_default=None)
    completed_at = time_field()
    timeliness = fields.Str(required=True, validate=validate.OneOf(TIMELINESS))
    decision = fields.Str(required=True)


class OfficialStepReturned(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    agency = fields.Str(required=True)
    official = fields.Str(required=True)
    returned_at = time_field()


_CODE = "000.00.14.H57-251120-0118"
_TASK = "0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11"
_ABOUT: dict[str, Any] = {"dossier": _CODE, "task": _TASK, "agency": "H57.30.01", "official": "officer-tnmt"}

EVENTS = (
    EventType(
        name="official.served",
        owner="intake",
        subscribers=("rating", "stats"),
        key="desk",
        restricted=True,
        schema=OfficialServed(),
        title=("Công chức gọi số hoặc phục vụ người dân tại quầy", "An official called or served a visitor"),
        example={
            "act": "served",
            "official": "clerk-ax",
            "desk": "H12.31.01",
            "counter": 1,
            "ticket": "0b5f3c9a7d2e4f61a8c3d9e0b1f2a3c4",
            "number": "A012",
            "at": "2025-11-20T08:32:00+07:00",
        },
    ),
    EventType(
        name="official.handled_dossier",
        owner="intake",
        subscribers=("rating", "stats"),
        restricted=True,
        schema=OfficialHandledDossier(),
        title=(
            "Công chức tiếp nhận hồ sơ hoặc trả kết quả tại quầy",
            "An official received a dossier or handed over its result",
        ),
        example={
            "act": "received",
            "official": "clerk-ax",
            "desk": "H12.31.01",
            "dossier": _CODE,
            "procedure": "1.013831",
            "field": "land",
            "at": "2025-11-20T08:32:00+07:00",
        },
    ),
    EventType(
        name="official.completed_step",
        owner="routing",
        subscribers=("rating", "stats"),
        restricted=True,
        schema=OfficialCompletedStep(),
        title=("Công chức hoàn thành một bước xử lý", "An official completed a step, in time or late"),
        example=_ABOUT
        | {
            "step": "assess",
            "procedure": "1.013831",
            "field": "land",
            "due_at": "2025-11-21T10:00:00+07:00",
            "completed_at": "2025-11-21T09:00:00+07:00",
            "timeliness": "on_time",
            "decision": "completed",
        },
    ),
    EventType(
        name="official.step_returned",
        owner="routing",
        subscribers=("rating", "stats"),
        restricted=True,
        schema=OfficialStepReturned(),
        title=("Việc của công chức bị trả lại để làm lại", "What an official did was sent back, to be done again"),
        example=_ABOUT | {"returned_at": "2025-11-22T09:00:00+07:00"},
    ),
)
