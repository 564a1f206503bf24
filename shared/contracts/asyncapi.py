"""The AsyncAPI 3 document of all events, generated from the contracts and the topology."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.contracts import REGISTRY, EventType
from shared.contracts.base import PLATFORM
from shared.contracts.sealed_fields import SEALED
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE, SEQUENCE_DIGITS, routing_key
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, SOURCE_PREFIX, agency_source
from shared.messaging.topology import EVENTS_EXCHANGE

AGENCY = "agency"  # the owner of events from agencies, and the receiver of events addressed to one
OPENAPI_FOR_SCHEMAS = "3.1.0"  # uses plain JSON Schema, as AsyncAPI 3 does


def agency_entries() -> tuple[EventType, ...]:
    """Return the event types between the platform and the agencies that plug in."""
    return tuple(entry for entry in REGISTRY.by_name.values() if entry.addressed or entry.owner == AGENCY)


def document(entries: Iterable[EventType] | None = None) -> dict[str, Any]:
    """Return the AsyncAPI document: for each event type a channel, a send operation, and a receive operation for each subscriber.

    Args:
        entries: which event types; all when None.
    """
    shown = tuple(REGISTRY.by_name.values() if entries is None else entries)
    schemas = _schemas(shown)
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for entry in shown:
        messages[entry.name] = _message(entry)
        channels[entry.name] = _channel(entry)
        operations |= _operations(entry)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "motcua events",
            "version": "1.0.0",
            "description": "The events of the five services of a one-stop centre. CloudEvents 1.0, structured JSON, over RabbitMQ "
            "(topic exchange) or an embedded file. A schema only grows; readers ignore unknown fields. "
            "Agencies that plug in read the queue agency.<code>, which receives the events addressed to them, and publish to an "
            "exchange of their own with routing keys that begin with agency.<code>; the broker denies everything else.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def json_schema(entry: EventType) -> dict[str, Any]:
    """Return the self-contained JSON Schema of one event type's whole message."""
    schemas = _schemas((entry,))
    whole = {**_envelope(entry), "$schema": "https://json-schema.org/draft/2020-12/schema", "title": entry.title[1]}
    whole["properties"]["data"] = {"$ref": f"#/$defs/{_schema_name(entry)}"}
    return {**whole, "$defs": schemas, "examples": [example(entry)]}


def _schemas(entries: Iterable[EventType]) -> dict[str, Any]:
    spec = APISpec(title="", version="", openapi_version=OPENAPI_FOR_SCHEMAS, plugins=[MarshmallowPlugin()])
    for name, schema in {_schema_name(entry): entry.schema for entry in entries}.items():
        spec.components.schema(name, schema=schema)
    found: dict[str, Any] = spec.to_dict()["components"]["schemas"]
    for entry in entries:
        if entry.personal:
            _seal_schema(found[_schema_name(entry)], entry)
    return found


def _seal_schema(schema: dict[str, Any], entry: EventType) -> None:
    """Replaces the personal fields by the one in which they travel."""
    for name in entry.personal:
        schema["properties"].pop(name, None)
    text = f"Encrypted, for subscribers of this platform alone: {', '.join(entry.personal)}"
    schema["properties"][SEALED] = {"type": "string", "description": text}
    schema["required"] = sorted({*schema["required"], SEALED} - set(entry.personal))


def _schema_name(entry: EventType) -> str:
    return type(entry.schema).__name__


def _message(entry: EventType) -> dict[str, Any]:
    vietnamese, english = entry.title
    return {
        "name": entry.type,
        "title": vietnamese,
        "summary": english,
        "contentType": CONTENT_TYPE,
        "x-restricted": entry.restricted,
        "payload": _envelope(entry),
        "examples": [{"name": entry.name, "payload": example(entry)}],
    }


def _envelope(entry: EventType) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "partitionkey", "sequence", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "description": "Unique within source"},
            "source": _source(entry),
            "type": {"const": entry.type},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "partitionkey": {
                **text,
                "description": f"The field `{entry.key}`; events with the same key keep their order",
            },
            "sequence": {
                "type": "string",
                "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
                "description": "All zeros: agencies do not number their events"
                if entry.owner == AGENCY
                else "Order within source and partitionkey",
            },
            "data": {"$ref": f"#/components/schemas/{_schema_name(entry)}"},
        },
    }


def _source(entry: EventType) -> dict[str, str]:
    if entry.owner == AGENCY:
        return {"pattern": f"^{SOURCE_PREFIX}.+$"}
    return {"pattern": "^/motcua/.+$"} if entry.owner == PLATFORM else {"const": f"/motcua/{entry.owner}"}


def example(entry: EventType) -> dict[str, Any]:
    """Return a whole message with the example of the contract."""
    return {
        "specversion": "1.0",
        "id": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11",
        "source": agency_source(entry.example[AGENCY]) if entry.owner == AGENCY else f"/motcua/{entry.owner}",
        "type": entry.type,
        "time": "2025-11-20T08:15:00+07:00",
        "datacontenttype": "application/json",
        "partitionkey": entry.example[entry.key],
        "sequence": ("0" if entry.owner == AGENCY else "1").zfill(SEQUENCE_DIGITS),
        "data": _travelling(entry),
    }


def _travelling(entry: EventType) -> dict[str, Any]:
    """Return the example as it travels."""
    if not entry.personal:
        return entry.example
    clear = {name: value for name, value in entry.example.items() if name not in entry.personal}
    return clear | {SEALED: "k1.WZxP3x0fVx2Yl0m7vQm6u0T8m1rG2cQnqk5b"}


def _channel(entry: EventType) -> dict[str, Any]:
    from_agency = entry.owner == AGENCY
    channel = {
        "address": _address(entry),
        "messages": {entry.name: {"$ref": f"#/components/messages/{entry.name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": AGENCIES_EXCHANGE if from_agency else EVENTS_EXCHANGE,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                },
                "bindingVersion": "0.3.0",
            }
        },
    }
    if from_agency or entry.addressed:
        channel["parameters"] = {AGENCY: {"description": "The agency's code", "examples": [entry.example[AGENCY]]}}
    return channel


def _address(entry: EventType) -> str:
    """Return the routing key: by event type, by agency for an addressed event, by both for an event from an agency."""
    if entry.addressed:
        return f"{AGENCY_PREFIX}{{{AGENCY}}}"
    if entry.owner == AGENCY:
        return f"{AGENCY_PREFIX}{{{AGENCY}}}.{entry.name.removeprefix(AGENCY_PREFIX)}"
    return routing_key(entry.type)


def _operations(entry: EventType) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{entry.name}"}
    sender = {
        f"{entry.owner}.sends.{entry.name}": {"action": "send", "channel": channel, "tags": [{"name": entry.owner}]}
    }
    listeners = {
        f"{service}.receives.{entry.name}": {"action": "receive", "channel": channel, "tags": [{"name": service}]}
        for service in ((AGENCY,) if entry.addressed else entry.subscribers)
    }
    return sender | listeners
