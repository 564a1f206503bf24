"""Requests and responses of routing's API about work queues."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.routing.schemas.steps import TaskSchema, moment


class TileSchema(Schema):
    """A queue with the number of its steps."""

    id = fields.Str(required=True)
    label = fields.Str(required=True)
    label_en = fields.Str(required=True)
    count = fields.Int(required=True)


class QueuesSchema(Schema):
    """The caller's queues."""

    items = fields.List(fields.Nested(TileSchema), required=True)


class QueueQuerySchema(Schema):
    """Which page of a queue."""

    search = fields.Str(load_default="", validate=validate.Length(max=100))
    cursor = fields.Str(load_default="", validate=validate.Length(max=36))
    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))


class QueueLineSchema(TaskSchema):
    """A step with what is shown of its dossier."""

    procedure = fields.Str(required=True)
    procedure_name = fields.Str(required=True)
    case = fields.Str(required=True)
    dossier_due_at = moment(required=True)
    paused = fields.Bool(required=True)


class QueuePageSchema(Schema):
    """A page of a queue, the most urgent first."""

    queue = fields.Nested(TileSchema, required=True)
    items = fields.List(fields.Nested(QueueLineSchema), required=True)
    next = fields.Str(required=True, allow_none=True, metadata={"description": "The cursor of the next page"})
