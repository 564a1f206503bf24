"""The public contract for agencies that plug in their own software: prose, AsyncAPI and JSON Schemas, generated from the code."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask import Response, jsonify, render_template

from services.routing.pages.blueprint import pages
from shared.contracts import EventType
from shared.contracts.agency_asyncapi import MOST_PREFETCH, PAPERS_ROUTE, TOKEN_ROUTE, agency_document, amqp_properties
from shared.contracts.asyncapi import agency_entries, example, json_schema
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, agency_name
from shared.plugin_sdk.scaffold import sample_service
from shared.web.authorization import public
from shared.web.problem import Problem

STEP = "agency.step.assigned"
ANSWER = "agency.step.completed"
SAMPLE_AGENCY = "H12.14.02"


@pages.get("/contract")
@public
def contract() -> str:
    """The introduction for an agency's developers."""
    return render_template(
        "routing/contract.html",
        to_agencies=[_shown(entry) for entry in agency_entries() if entry.addressed],
        from_agencies=[_shown(entry) for entry in agency_entries() if not entry.addressed],
        step=_example(STEP),
        answer=_example(ANSWER),
        agency=SAMPLE_AGENCY,
        account=agency_name(SAMPLE_AGENCY),
        exchange=AGENCIES_EXCHANGE,
        properties=json.dumps(amqp_properties(agency_name(SAMPLE_AGENCY)), indent=2),
        most_prefetch=MOST_PREFETCH,
        papers_route=PAPERS_ROUTE,
        token_route=TOKEN_ROUTE,
        python=sample_service("python"),
        node=sample_service("node"),
    )


@pages.get("/contract/asyncapi.json")
@public
def asyncapi() -> Response:
    """The contract as AsyncAPI 3."""
    return jsonify(_document())


@pages.get("/contract/schemas/<name>.json")
@public
def schema(name: str) -> Response:
    """The JSON Schema of one kind of message, such as ``agency.step.completed``."""
    entry = next((entry for entry in agency_entries() if entry.name == name), None)
    if entry is None:
        raise Problem(404, "not-found")
    return jsonify(json_schema(entry))


@cache
def _document() -> dict[str, Any]:
    return agency_document()


def _example(name: str) -> str:
    entry = next(entry for entry in agency_entries() if entry.name == name)
    return json.dumps(example(entry), ensure_ascii=False, indent=2)


def _shown(entry: EventType) -> dict[str, Any]:
    data = json_schema(entry)["$defs"][type(entry.schema).__name__]
    required = set(data.get("required", ()))
    fields = [
        {
            "name": name,
            "type": _type(spec),
            "required": name in required,
            "example": json.dumps(entry.example.get(name), ensure_ascii=False),
        }
        for name, spec in data["properties"].items()
    ]
    return {"name": entry.name, "type": entry.type, "vi": entry.title[0], "en": entry.title[1], "fields": fields}


def _type(spec: dict[str, Any]) -> str:
    kinds = spec.get("type", "")
    text = " | ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{text} ({spec['format']})" if "format" in spec else text
