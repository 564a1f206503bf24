"""The schemas of the complaints API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.rating.complaints.queries import QUEUES

MAX_TEXT = 20_000
"""Characters; the rules set what is allowed, in ``data/complaints.json``."""


class ActSchema(Schema):
    """What every act has."""

    revision = fields.Int(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Of the complaint that was read; without it, whatever is there"},
    )


class AssignmentSchema(ActSchema):
    """Who is to answer."""

    official = fields.Str(required=True, validate=validate.Length(1, 200))


class ForwardingSchema(ActSchema):
    """To which agency, and why."""

    agency = fields.Str(required=True, validate=validate.Length(1, 50))
    reason = fields.Str(required=True, validate=validate.Length(1, MAX_TEXT))


class NamingSchema(ActSchema):
    """Whom it is about."""

    official = fields.Str(required=True, validate=validate.Length(1, 200))
    is_leader = fields.Bool(load_default=False)


class TextSchema(ActSchema):
    """A text: what is asked for, or the drafted answer."""

    text = fields.Str(required=True, validate=validate.Length(1, MAX_TEXT))


class ReasonSchema(ActSchema):
    """Why."""

    reason = fields.Str(required=True, validate=validate.Length(1, MAX_TEXT))


class RejectionSchema(ActSchema):
    """A ground of rejection, and what is added in words."""

    ground = fields.Str(required=True, validate=validate.Length(1, 30))
    text = fields.Str(load_default="", validate=validate.Length(max=MAX_TEXT))


class PublicationSchema(ActSchema):
    """The texts for the public."""

    question = fields.Str(required=True, validate=validate.Length(1, MAX_TEXT))
    answer = fields.Str(required=True, validate=validate.Length(1, MAX_TEXT))
    confirmed = fields.Bool(
        load_default=False, metadata={"description": "The warnings of personal data were seen, and none are there"}
    )


class QueueSchema(Schema):
    """Which queue, and which page of it."""

    queue = fields.Str(required=True, validate=validate.OneOf(QUEUES))
    offset = fields.Int(load_default=0, validate=validate.Range(0, 10_000))
    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))


class RowSchema(Schema):
    """A complaint in a list; it names nobody but officials, by their subjects."""

    code = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    topic = fields.Str(required=True)
    state = fields.Str(required=True)
    agency = fields.Str(required=True)
    official = fields.Str(required=True, allow_none=True)
    lodged_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    escalation = fields.Int(required=True)


class QueuePageSchema(Schema):
    """A page of a queue."""

    items = fields.List(fields.Nested(RowSchema), required=True)
    total = fields.Int(required=True)


class StandingSchema(RowSchema):
    """How a complaint stands."""

    register = fields.Str(required=True)
    reject_by = fields.AwareDateTime(required=True)
    ask_by = fields.AwareDateTime(required=True)
    answer_by = fields.AwareDateTime(required=True)
    publish_by = fields.AwareDateTime(required=True, allow_none=True)
    reply_until = fields.AwareDateTime(required=True, allow_none=True)
    revision = fields.Int(required=True)


class NoteSchema(Schema):
    """A sentence of an explanation."""

    vi = fields.Str(required=True)
    en = fields.Str(required=True)


class LimitSchema(Schema):
    """A time limit that runs."""

    deadline = fields.Str(required=True)
    at = fields.AwareDateTime(required=True)
    notes = fields.List(fields.Nested(NoteSchema), required=True)


class EntrySchema(Schema):
    """What was done."""

    act = fields.Str(required=True)
    state = fields.Str(required=True)
    by = fields.Str(required=True, allow_none=True, metadata={"description": "null: the complainant, or nobody"})
    agency = fields.Str(required=True)
    at = fields.AwareDateTime(required=True)
    text = fields.Str(required=True)
    ground = fields.Str(required=True, allow_none=True)
    on_time = fields.Bool(required=True, allow_none=True)


class ComplaintSchema(StandingSchema):
    """A complaint as its handlers read it."""

    name = fields.Str(required=True)
    address = fields.Str(required=True)
    phone = fields.Str(required=True)
    email = fields.Str(required=True)
    text = fields.Str(required=True)
    about = fields.Str(required=True)
    dossier = fields.Str(required=True, allow_none=True)
    answer = fields.Str(required=True, metadata={"description": "Drafted or approved; empty while there is none"})
    limits = fields.List(fields.Nested(LimitSchema), required=True)
    entries = fields.List(fields.Nested(EntrySchema), required=True)
