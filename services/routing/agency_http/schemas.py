"""Requests and responses of the API for agencies' own software."""

from __future__ import annotations

from marshmallow import EXCLUDE, INCLUDE, Schema, fields, validate

MAX_WAIT = 20
MAX_EVENTS = 100
MAX_NUMBER = 2**53 - 1


class EventsQuerySchema(Schema):
    """Which events are asked for."""

    limit = fields.Int(load_default=20, validate=validate.Range(1, MAX_EVENTS))
    after = fields.Int(
        load_default=0,
        validate=validate.Range(0, MAX_NUMBER),
        metadata={"description": "Only events after this number; `next` of the answer before"},
    )
    wait = fields.Int(
        load_default=0,
        validate=validate.Range(0, MAX_WAIT),
        metadata={"description": "Seconds to wait for an event if there is none"},
    )


class CloudEventSchema(Schema):
    """A CloudEvent 1.0, as by AMQP."""

    class Meta:
        """Further attributes may come."""

        unknown = INCLUDE

    specversion = fields.Str(required=True)
    id = fields.Str(required=True)
    source = fields.Str(required=True)
    type = fields.Str(required=True)
    time = fields.Str(required=True)
    partitionkey = fields.Str(required=True, metadata={"description": "The dossier"})
    sequence = fields.Str(required=True)
    datacontenttype = fields.Str(required=True)
    data = fields.Dict(required=True)


class EventsSchema(Schema):
    """Events that wait for the agency, of each dossier the first."""

    items = fields.List(fields.Nested(CloudEventSchema), required=True)
    next = fields.Int(required=True, metadata={"description": "The number of the last event, for `after`"})
    more = fields.Bool(required=True, metadata={"description": "Whether there are more after it"})


class AcknowledgementSchema(Schema):
    """Events that the agency has taken."""

    ids = fields.List(
        fields.Str(validate=validate.Length(1, 100)), required=True, validate=validate.Length(1, MAX_EVENTS)
    )


class AcknowledgedSchema(Schema):
    """What became of an acknowledgement."""

    acknowledged = fields.List(fields.Str(), required=True)
    unknown_ids = fields.List(fields.Str(), required=True)


class DecisionSchema(Schema):
    """A decision as a CloudEvent 1.0; its data as in the contract of its type."""

    class Meta:
        """Further attributes of CloudEvents are ignored."""

        unknown = EXCLUDE

    specversion = fields.Str(required=True, validate=validate.OneOf(["1.0"]))
    id = fields.Str(required=True, validate=validate.Length(1, 100))
    source = fields.Str(required=True, validate=validate.Length(1, 200))
    type = fields.Str(required=True, validate=validate.Length(1, 200))
    time = fields.AwareDateTime(required=True, format="iso")
    partitionkey = fields.Str(required=True, validate=validate.Length(1, 200))
    sequence = fields.Str(load_default="0", validate=validate.Regexp(r"[0-9]{1,20}\Z"))
    datacontenttype = fields.Str(load_default="application/json", validate=validate.OneOf(["application/json"]))
    data = fields.Dict(keys=fields.Str(), required=True)


class DecidedSchema(Schema):
    """What became of a decision."""

    id = fields.Str(required=True)
    state = fields.Str(required=True, validate=validate.OneOf(["applied", "repeated", "rejected"]))
    code = fields.Str(required=True, metadata={"description": "Why it was rejected; otherwise empty"})
    message_vi = fields.Str(required=True)
    message_en = fields.Str(required=True)
