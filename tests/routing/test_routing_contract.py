"""The published contract for agencies matches the code."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.agency_asyncapi import PAPERS_ROUTE, TOKEN_ROUTE
from shared.contracts.asyncapi import agency_entries, example
from tests.routing.service_fixture import RoutingFixture
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served


def test_every_example_fits_its_published_schema(sqlite_service: RoutingFixture) -> None:
    client = sqlite_service.client()
    for entry in agency_entries():
        schema = client.get(f"/routing/contract/schemas/{entry.name}.json").get_json()
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(json.loads(json.dumps(example(entry))))
        broken = example(entry) | {"type": "something.else"}
        assert not Draft202012Validator(schema).is_valid(json.loads(json.dumps(broken)))


def test_the_document_contains_only_the_agencies_part(sqlite_service: RoutingFixture) -> None:
    found = sqlite_service.client().get("/routing/contract/asyncapi.json").get_json()
    assert found["asyncapi"] == "3.0.0"
    assert set(found["channels"]) == {entry.name for entry in agency_entries()}


def test_the_document_says_all_that_a_program_needs(sqlite_service: RoutingFixture) -> None:
    found = sqlite_service.client().get("/routing/contract/asyncapi.json").get_json()
    assert found["servers"]["broker"]["protocol"] == "amqps"
    for server in found["servers"].values():
        for scheme in server["security"]:
            assert scheme["$ref"].rpartition("/")[2] in found["components"]["securitySchemes"]
    for entry in agency_entries():
        channel, message = found["channels"][entry.name], found["components"]["messages"][entry.name]
        if entry.addressed:
            assert channel["bindings"]["amqp"]["queue"]["name"] == "agency.{agency}"
            continue
        assert message["x-amqp-properties"]["user_id"] == "agency.{agency}"
        assert {"message_id", "headers"} <= message["x-amqp-properties"].keys()
        assert message["headers"]["required"] == ["partitionkey"]
        sending = found["operations"][f"agency.sends.{entry.name}"]["bindings"]["amqp"]
        assert (sending["deliveryMode"], sending["mandatory"], sending["userId"]) == (2, True, "agency.{agency}")
    rules = " ".join(found["x-rules"])
    for term in ("requeue=false", "prefetch", "SIGTERM", "UUIDv5", "step.accepted", "due_at", "basic.nack"):
        assert term in rules


def test_the_papers_answers_in_the_document_are_those_of_the_route(sqlite_service: RoutingFixture) -> None:
    found = sqlite_service.client().get("/routing/contract/asyncapi.json").get_json()["x-http"]
    assert set(found) == {f"GET {PAPERS_ROUTE}", f"POST {TOKEN_ROUTE}"}
    assert {"200", "401", "403", "404", "410", "503"} <= found[f"GET {PAPERS_ROUTE}"]["answers"].keys()
    assert sqlite_service.client().post(TOKEN_ROUTE).status_code == 400


def test_an_unknown_event_has_no_schema(sqlite_service: RoutingFixture) -> None:
    assert sqlite_service.client().get("/routing/contract/schemas/dossier.received.json").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_contract_is_readable(sqlite_service: RoutingFixture, page_at: PageAt, width: int) -> None:
    with served(sqlite_service.app()) as address:
        page = page_at(width)
        page.goto(f"{address}/routing/contract")
        text = page.inner_text("main")
        for entry in agency_entries():
            assert entry.name in text
        assert "@service.on" in text
        for term in (
            "message_id",
            "user_id",
            "partitionkey",
            "requeue=false",
            "basic.qos",
            "step_not_yet_known",
            "SIGTERM",
        ):
            assert term in text
        assert page_width(page) <= width
        page.get_by_text("agency.step.assigned – ").click()
        assert page_width(page) <= width
        screenshot(page, f"routing-contract-{width}")
