"""From an OpenAPI document to what the reference page shows."""

from __future__ import annotations

from typing import Any

from shared.web.api_reference import Operation, api_reference
from tests.shared.web.example_app import ExampleApp

DOCUMENT: dict[str, Any] = {
    "info": {"title": "Example"},
    "tags": [{"name": "things", "description": "Things"}],
    "paths": {
        "/things/{code}": {
            "parameters": [{"in": "path", "name": "code", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "change",
                "summary": "Changes a thing.",
                "tags": ["things"],
                "x-roles": ["clerk"],
                "parameters": [
                    {"in": "query", "name": "day", "required": True, "schema": {"type": "string", "format": "date"}},
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "default": 50}},
                    {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"204": {"description": "No Content"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name", "parts", "at", "kind", "size"],
                "properties": {
                    "name": {"type": "string", "description": "Its name", "maxLength": 9},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
                    "labels": {"type": ["array", "null"], "items": {"type": "string"}},
                    "at": {"type": "string", "format": "date-time"},
                    "kind": {"type": ["string", "null"], "enum": ["a", "b", None]},
                    "size": {
                        "type": "object",
                        "required": ["width"],
                        "properties": {"width": {"type": "integer", "minimum": 3}},
                    },
                    "owner": {"anyOf": [{"$ref": "#/components/schemas/Part"}, {"type": "null"}]},
                },
            },
            "Part": {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}},
        }
    },
}


def built() -> Operation:
    return api_reference(DOCUMENT, "https://centre.example").groups[0].operations[0]


def test_parameters_with_their_place_and_rules() -> None:
    shown = [(one.name, one.place, one.type, one.required, one.rules) for one in built().parameters]
    assert shown == [
        ("code", "path", "string", True, []),
        ("day", "query", "string (date)", True, []),
        ("limit", "query", "integer", False, ["default 50", "≥ 1"]),
        ("Idempotency-Key", "header", "string", False, []),
    ]


def test_fields_with_types_in_words() -> None:
    request = built().request
    assert request
    assert (request.content_type, request.schema) == ("application/json", "Thing")
    assert [(one.name, one.type, one.schema, one.required) for one in request.fields] == [
        ("name", "string", "", True),
        ("parts", "array of", "Part", True),
        ("labels", "array or null of string", "", False),
        ("at", "string (date-time)", "", True),
        ("kind", "string or null", "", True),
        ("size", "object", "", True),
        ("size.width", "integer", "", True),
        ("owner", "null or", "Part", False),
    ]
    assert request.fields[0].rules == ["max. length 9"]
    assert request.fields[4].rules == ["one of a, b"]


def test_the_example_can_be_copied() -> None:
    assert built().curl.split(" \\\n  ") == [
        "curl -X POST 'https://centre.example/things/{CODE}?day={DAY}'",
        '-H "Authorization: Bearer $TOKEN"',
        '-H "Idempotency-Key: $(uuidgen)"',
        "-H 'Content-Type: application/json'",
        '-d \'{"name": "…", "parts": [{"number": 1}], "at": "2026-01-31T08:00:00+07:00", "kind": "a", "size": {"width": 3}}\'',
    ]


def test_an_answer_without_content() -> None:
    [answer] = built().answers
    assert (answer.status, answer.description, answer.content_type, answer.fields) == ("204", "No Content", "", [])


def test_only_nested_schemas_have_a_section() -> None:
    assert list(api_reference(DOCUMENT, "").schemas) == ["Part"]


def test_the_page_tells_what_is_public_and_what_is_recorded(example: ExampleApp) -> None:
    text = example.client().get("/intake/docs").text
    greeting = text[text.index('id="hello"') : text.index('id="anonymous"')]
    assert "Công khai" in greeting
    assert "Bearer" not in greeting
    reading = text[text.index('id="read_file"') : text.index('id="check_out"')]
    assert "lượt xem được ghi lại" in reading
