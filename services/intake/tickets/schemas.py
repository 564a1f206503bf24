"""The JSON of tickets and counters."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment
from services.intake.filing.domain.applicant import MAX_NOTE
from services.intake.tickets.states import CancelCause, Channel, CounterState, State

GROUP = validate.Length(1, 30)


class IssueTicketSchema(Schema):
    """A number for a visitor."""

    group = fields.Str(required=True, validate=GROUP, metadata={"description": "Code of the service group"})
    priority = fields.Str(
        load_default="",
        validate=validate.Length(max=30),
        metadata={"description": "Code of the class of people with priority; empty for none"},
    )


class TransferTicketSchema(Schema):
    """To which group a visitor is sent, and why."""

    group = fields.Str(required=True, validate=GROUP)
    reason = fields.Str(required=True, validate=validate.Length(1, MAX_NOTE))


class CancelTicketSchema(Schema):
    """Why a ticket is cancelled."""

    cause = fields.Str(
        load_default=str(CancelCause.VISITOR), validate=validate.OneOf([CancelCause.VISITOR, CancelCause.DESK])
    )


class OpenCounterSchema(Schema):
    """A clerk sits down at a counter."""

    take_over = fields.Bool(
        load_default=False, metadata={"description": "Whether to take it from a clerk who has left it open"}
    )


class TicketSchema(Schema):
    """A ticket; nothing of the person, but for the class of people that a clerk must know of who waits today."""

    id = fields.Str()
    number = fields.Str(metadata={"description": "As shown, A012"})
    desk = fields.Str()
    group = fields.Str()
    day = fields.Date()
    channel = fields.Str(metadata={"enum": list(Channel)})
    state = fields.Str(metadata={"enum": list(State)})
    priority = fields.Str(metadata={"description": "Empty for none, and for all once the day is over"})
    counter = fields.Int(allow_none=True)
    slot_start = moment(allow_none=True)
    slot_end = moment(allow_none=True)
    issued_at = moment()
    arrived_at = moment(allow_none=True)
    waits_since = moment()
    called_at = moment(allow_none=True)
    calls = fields.Int()
    serving_at = moment(allow_none=True)
    ended_at = moment(allow_none=True)
    transferred_from = fields.Str(allow_none=True)


class CalledTicketSchema(Schema):
    """Who was called; null if nobody waits."""

    ticket = fields.Nested(TicketSchema, allow_none=True)


class EstimateSchema(Schema):
    """A wait in minutes: it is probably between low and high."""

    low = fields.Int()
    likely = fields.Int()
    high = fields.Int()


class ServiceGroupSchema(Schema):
    """A service group, and how it stands today."""

    code = fields.Str()
    letter = fields.Str()
    name = fields.Str()
    name_en = fields.Str()
    waiting = fields.Int()
    estimate = fields.Nested(
        EstimateSchema, allow_none=True, metadata={"description": "Null where too little is known"}
    )


class WaitingTicketsSchema(Schema):
    """Who waits, in the order in which they are called, and the groups."""

    items = fields.List(fields.Nested(TicketSchema))
    groups = fields.List(fields.Nested(ServiceGroupSchema))


class CounterSchema(Schema):
    """A counter as it is now."""

    number = fields.Int()
    groups = fields.List(fields.Str())
    state = fields.Str(metadata={"enum": list(CounterState)})
    since = moment(allow_none=True)
    mine = fields.Bool(metadata={"description": "Whether the caller sits there"})
    ticket = fields.Nested(TicketSchema, allow_none=True)


class CountersSchema(Schema):
    """The counters of a desk."""

    items = fields.List(fields.Nested(CounterSchema))


class CounterStateSchema(Schema):
    """What a counter does."""

    number = fields.Int()
    state = fields.Str(metadata={"enum": list(CounterState)})
    since = moment()
