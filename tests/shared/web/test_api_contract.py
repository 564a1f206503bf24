"""The check of all answers against the OpenAPI document finds what deviates."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.api_contract import ApiContract

PROBLEM = "application/problem+json"
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/x/api/things": {
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                }
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["name", "day"],
                "properties": {
                    "name": {"type": "string", "maxLength": 3},
                    "day": {"type": ["string", "null"], "format": "date"},
                },
            },
            "Problem": {"type": "object", "required": ["type"]},
        }
    },
}


@pytest.mark.parametrize(
    ("status", "media", "body", "part"),
    [
        (200, "application/json", {"name": "abc", "day": None}, ""),
        (200, "application/json", {"name": "abc", "day": "2025-11-03"}, ""),
        (200, "application/json", {"name": "abcd", "day": None}, "$.name: 'abcd' is too long"),
        (200, "application/json", {"name": None, "day": None}, "$.name: None is not of type 'string'"),
        (200, "application/json", {"name": "abc", "day": "monday"}, "$.day: 'monday' is not a 'date'"),
        (200, "application/json", {"name": "abc"}, "$: 'day' is a required property"),
        (200, "text/html", {}, "text/html where application/json is described"),
        (201, "application/json", {}, "a status that is not described"),
        (404, PROBLEM, {"type": "about:blank"}, ""),
        (404, PROBLEM, {}, "$: 'type' is a required property"),
        (404, "text/html", {}, "an error as text/html"),
    ],
)
def test_what_deviates_is_told(status: int, media: str, body: object, part: str) -> None:
    contract = ApiContract(DOCUMENT)
    assert contract.deviation("GET", "/x/api/things", status, media, orjson.dumps(body)) == part
