"""AsyncAPI 3 of the published language, made from the contracts and the topology."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.bus.event import CONTENT_TYPE, SEQUENCE_DIGITS, routing_key
from shared.bus.topology import EVENTS_EXCHANGE
from shared.contracts import REGISTRY, EventType

OPENAPI_FOR_SCHEMAS = "3.1.0"  # its schemas are plain JSON Schema, which AsyncAPI 3 takes as it is


def document() -> dict[str, Any]:
    """The AsyncAPI document: a channel for each event type, a send operation for its owner, a receive operation for each listener."""
    schemas = _schemas()
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for entry in REGISTRY.by_name.values():
        messages[entry.name] = _message(entry)
        channels[entry.name] = _channel(entry)
        operations |= _operations(entry)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "motcua events",
            "version": "1.0.0",
            "description": "What the five services of a one-stop centre tell each other. CloudEvents 1.0, structured JSON, over RabbitMQ "
            "(topic exchange) or an embedded file. A schema only ever grows; readers ignore fields they do not know.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _schemas() -> dict[str, Any]:
    spec = APISpec(title="", version="", openapi_version=OPENAPI_FOR_SCHEMAS, plugins=[MarshmallowPlugin()])
    for entry in REGISTRY.by_name.values():
        spec.components.schema(_schema_name(entry), schema=entry.schema)
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
        "examples": [{"name": entry.name, "payload": _example(entry)}],
    }


def _envelope(entry: EventType) -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "partitionkey", "sequence", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**text, "description": "Unique within source"},
            "source": {"const": f"/motcua/{entry.owner}"},
            "type": {"const": entry.type},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "partitionkey": {**text, "description": f"The field `{entry.key}`: events of one key keep their order"},
            "sequence": {
                "type": "string",
                "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$",
                "description": "Order within source and partitionkey",
            },
            "data": {"$ref": f"#/components/schemas/{_schema_name(entry)}"},
        },
    }


def _example(entry: EventType) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11",
        "source": f"/motcua/{entry.owner}",
        "type": entry.type,
        "time": "2025-11-20T08:15:00+07:00",
        "datacontenttype": "application/json",
        "partitionkey": entry.example[entry.key],
        "sequence": "1".zfill(SEQUENCE_DIGITS),
        "data": entry.example,
    }


def _channel(entry: EventType) -> dict[str, Any]:
    return {
        "address": routing_key(entry.type),
        "messages": {entry.name: {"$ref": f"#/components/messages/{entry.name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EVENTS_EXCHANGE, "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operations(entry: EventType) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{entry.name}"}
    sender = {
        f"{entry.owner}.sends.{entry.name}": {"action": "send", "channel": channel, "tags": [{"name": entry.owner}]}
    }
    listeners = {
        f"{service}.receives.{entry.name}": {"action": "receive", "channel": channel, "tags": [{"name": service}]}
        for service in entry.subscribers
    }
    return sender | listeners
