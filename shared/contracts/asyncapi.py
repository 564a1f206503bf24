"""AsyncAPI 3 of the published language, made from the contracts and the topology."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.contracts import REGISTRY, EventType
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE, SEQUENCE_DIGITS, routing_key
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, SOURCE_PREFIX, agency_source
from shared.messaging.topology import EVENTS_EXCHANGE

AGENCY = "agency"  # the owner of what agencies say, and the receiver of what is addressed to one
OPENAPI_FOR_SCHEMAS = "3.1.0"  # its schemas are plain JSON Schema, which AsyncAPI 3 takes as it is


def agency_entries() -> tuple[EventType, ...]:
    """What is said between the platform and the agencies that plug in."""
    return tuple(entry for entry in REGISTRY.by_name.values() if entry.addressed or entry.owner == AGENCY)


def document(entries: Iterable[EventType] | None = None) -> dict[str, Any]:
    """The AsyncAPI document: a channel for each event type, a send operation for its owner, a receive operation for each listener.

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
            "description": "What the five services of a one-stop centre tell each other. CloudEvents 1.0, structured JSON, over RabbitMQ "
            "(topic exchange) or an embedded file. A schema only ever grows; readers ignore fields they do not know. "
            "Agencies that plug in read the queue agency.<code>, which gets what is addressed to them, and write to an exchange of "
            "their own under keys that begin with agency.<code>; the broker lets them do nothing else.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def json_schema(entry: EventType) -> dict[str, Any]:
    """The JSON Schema of one event type's whole message, with all that it refers to inside."""
    schemas = _schemas((entry,))
    whole = {**_envelope(entry), "$schema": "https://json-schema.org/draft/2020-12/schema", "title": entry.title[1]}
    whole["properties"]["data"] = {"$ref": f"#/$defs/{_schema_name(entry)}"}
    return {**whole, "$defs": schemas, "examples": [example(entry)]}


def _schemas(entries: Iterable[EventType]) -> dict[str, Any]:
    spec = APISpec(title="", version="", openapi_version=OPENAPI_FOR_SCHEMAS, plugins=[MarshmallowPlugin()])
    for name, schema in {_schema_name(entry): entry.schema for entry in entries}.items():
        spec.components.schema(name, schema=schema)
    found: dict[str, Any] = spec.to_dict()["components"]["schemas"]
    return found


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
            "source": {"pattern": f"^{SOURCE_PREFIX}.+$"}
            if entry.owner == AGENCY
            else {"const": f"/motcua/{entry.owner}"},
            "type": {"const": entry.type},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "partitionkey": {**text, "description": f"The field `{entry.key}`: events of one key keep their order"},
            "sequence": {
                "type": "string",
                "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
                "description": "Zeros: agencies do not number"
                if entry.owner == AGENCY
                else "Order within source and partitionkey",
            },
            "data": {"$ref": f"#/components/schemas/{_schema_name(entry)}"},
        },
    }


def example(entry: EventType) -> dict[str, Any]:
    """A whole message with the contract's own example."""
    return {
        "specversion": "1.0",
        "id": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11",
        "source": agency_source(entry.example[AGENCY]) if entry.owner == AGENCY else f"/motcua/{entry.owner}",
        "type": entry.type,
        "time": "2025-11-20T08:15:00+07:00",
        "datacontenttype": "application/json",
        "partitionkey": entry.example[entry.key],
        "sequence": ("0" if entry.owner == AGENCY else "1").zfill(SEQUENCE_DIGITS),
        "data": entry.example,
    }


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
    """The routing key: for what agencies say the type's short name after the agency's own, for what is addressed to one its name alone."""
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
