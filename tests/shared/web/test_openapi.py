"""The OpenAPI document agrees with the marks that check the requests."""

from __future__ import annotations

from typing import Any

import pytest

from shared.web.authorization import routes_with_roles
from tests.shared.web.example_app import ExampleApp


@pytest.fixture
def described(client: Any) -> dict:
    answer = client.get("/intake/openapi.json")
    assert answer.content_type == "application/json"
    return dict(answer.json)


def test_every_api_route_is_described_with_its_roles(described: dict, example: ExampleApp) -> None:
    routes = [route for route in routes_with_roles(example.app) if "/api/" in route.path]
    for route in routes:
        path = route.path.replace("<int:number>", "{number}").replace("<agency>", "{agency}")
        operation = described["paths"][path][route.method.lower()]
        assert operation["x-roles"] == sorted(route.access.roles)
        assert operation["x-agency-scope"] == route.access.agency
        assert operation["security"] == ([] if route.access.public else [{"bearer": []}])
        problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}
    assert sum(len(operations.keys() - {"parameters"}) for operations in described["paths"].values()) == len(routes)
    ids = [
        operation["operationId"]
        for path in described["paths"].values()
        for name, operation in path.items()
        if name != "parameters"
    ]
    assert len(ids) == len(set(ids))


def test_commands_show_body_answer_and_key(described: dict) -> None:
    post = described["paths"]["/intake/api/things"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert post["responses"]["201"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ThingView"
    }
    assert [parameter["name"] for parameter in post["parameters"]] == ["Idempotency-Key"]
    assert post["summary"] == "Hand a thing in."


def test_queries_show_their_arguments(described: dict) -> None:
    path = described["paths"]["/intake/api/agencies/{agency}/things"]
    assert {parameter["name"] for parameter in path["get"]["parameters"]} == {"name", "state", "limit"}
    assert [parameter["name"] for parameter in path["parameters"]] == ["agency"]


def test_the_documents_general_part(described: dict) -> None:
    assert described["openapi"].startswith("3.1")
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    problem = described["components"]["schemas"]["Problem"]
    assert problem["required"] == ["status", "title", "title_en", "type"]
    assert problem.get("additionalProperties") is not False
