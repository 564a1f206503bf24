"""The events of tickets: visitors of a one-stop desk who take a number, are called and served. Nothing tells of the person."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

TICKET_CHANNELS = ("kiosk", "reception", "web")


class _Ticket(EventSchema):
    ticket = fields.Str(required=True)
    desk = fields.Str(required=True)
    group = fields.Str(required=True)
    day = fields.Str(required=True)  # in Vietnam, 2025-11-20
    number = fields.Str(required=True)  # as shown, A012
    channel = fields.Str(required=True, validate=validate.OneOf(TICKET_CHANNELS))
    priority = fields.Bool(required=True)


class TicketIssued(_Ticket):
    appointment = fields.Bool(required=True)
    transferred_from = fields.Str(required=True, allow_none=True)  # None: a new visitor
    issued_at = time_field()


class TicketCalled(_Ticket):
    counter = fields.Int(required=True)
    waited = fields.Int(required=True)  # seconds
    called_at = time_field()


class TicketServed(_Ticket):
    counter = fields.Int(required=True)
    waited = fields.Int(required=True)
    served = fields.Int(required=True, allow_none=True)  # seconds; None: the end was not noted
    served_at = time_field()


class TicketMissed(_Ticket):
    counter = fields.Int(required=True, allow_none=True)  # None: never called
    cause = fields.Str(required=True, validate=validate.OneOf(["absent", "no_show"]))
    missed_at = time_field()


class TicketCancelled(_Ticket):
    cause = fields.Str(required=True, validate=validate.OneOf(["visitor", "desk", "day_ended"]))
    cancelled_at = time_field()


_EXAMPLE: dict[str, Any] = {
    "ticket": "0b5f3c9a7d2e4f61a8c3d9e0b1f2a3c4",
    "desk": "H12.31.01",
    "group": "land",
    "day": "2025-11-20",
    "number": "A012",
    "channel": "kiosk",
    "priority": False,
}

EVENTS = (
    EventType(
        name="ticket.issued",
        owner="intake",
        subscribers=("stats",),
        key="ticket",
        schema=TicketIssued(),
        title=("Người đến lấy số thứ tự", "A visitor took a number, or was transferred to another group with it"),
        example=_EXAMPLE | {"appointment": False, "transferred_from": None, "issued_at": "2025-11-20T08:15:00+07:00"},
    ),
    EventType(
        name="ticket.called",
        owner="intake",
        subscribers=("stats",),
        key="ticket",
        schema=TicketCalled(),
        title=("Số thứ tự được gọi đến quầy", "A visitor was called to a counter"),
        example=_EXAMPLE | {"counter": 1, "waited": 540, "called_at": "2025-11-20T08:24:00+07:00"},
    ),
    EventType(
        name="ticket.served",
        owner="intake",
        subscribers=("stats",),
        key="ticket",
        schema=TicketServed(),
        title=("Người đến đã được phục vụ xong tại quầy", "A visitor was served"),
        example=_EXAMPLE | {"counter": 1, "waited": 540, "served": 420, "served_at": "2025-11-20T08:32:00+07:00"},
    ),
    EventType(
        name="ticket.missed",
        owner="intake",
        subscribers=("stats",),
        key="ticket",
        schema=TicketMissed(),
        title=(
            "Người được gọi không đến quầy, hoặc không đến theo lịch hẹn",
            "A visitor did not come when called, or at all",
        ),
        example=_EXAMPLE | {"counter": 1, "cause": "absent", "missed_at": "2025-11-20T08:27:00+07:00"},
    ),
    EventType(
        name="ticket.cancelled",
        owner="intake",
        subscribers=("stats",),
        key="ticket",
        schema=TicketCancelled(),
        title=("Số thứ tự bị hủy", "A ticket was cancelled, or its day ended before the call"),
        example=_EXAMPLE | {"cause": "visitor", "cancelled_at": "2025-11-20T08:40:00+07:00"},
    ),
)
