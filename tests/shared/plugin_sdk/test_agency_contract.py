"""The events between platform and agencies: their AsyncAPI document, and the limits of what agencies may send."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from marshmallow import fields

from shared.contracts import REGISTRY, ContractViolation, EventType, make_event, read_data
from shared.contracts.agency import FROM_AGENCIES, TO_AGENCIES
from shared.contracts.asyncapi import document
from shared.contracts.base import EventSchema, Registry
from shared.messaging.sender_identity import AGENCY_EVENTS
from tests.support.stores import MONDAY


def channel(name: str) -> dict[str, Any]:
    found: dict[str, Any] = document()["channels"][name]
    return found


@pytest.mark.parametrize("entry", TO_AGENCIES, ids=lambda entry: entry.name)
def test_events_to_agencies_have_the_agencys_topic(entry: EventType) -> None:
    shown = channel(entry.name)
    assert (shown["address"], list(shown["parameters"])) == ("agency.{agency}", ["agency"])
    assert shown["bindings"]["amqp"]["exchange"]["name"] == "motcua.events"
    assert f"agency.receives.{entry.name}" in document()["operations"]
    made = make_event(entry.name, entry.schema.load({**entry.example, "agency": "H12.14"}), "/motcua/routing", MONDAY)
    assert made.topic == "agency.H12.14"


@pytest.mark.parametrize("entry", FROM_AGENCIES, ids=lambda entry: entry.name)
def test_events_from_agencies_have_the_agencys_routing_key(entry: EventType) -> None:
    shown = channel(entry.name)
    short = entry.name.removeprefix("agency.")
    assert short in AGENCY_EVENTS
    assert shown["address"] == f"agency.{{agency}}.{short}"
    assert shown["bindings"]["amqp"]["exchange"]["name"] == "motcua.agencies"
    assert {f"agency.sends.{entry.name}", f"routing.receives.{entry.name}"} <= document()["operations"].keys()
    [example] = document()["components"]["messages"][entry.name]["examples"]
    assert example["payload"]["source"] == f"/agency/{entry.example['agency']}"
    assert int(example["payload"]["sequence"]) == 0


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("step.accepted", "task", ""),
        ("step.accepted", "by", "x" * 201),
        ("step.accepted", "note", "x" * 2001),
        ("step.accepted", "note", "a\x00b"),
        ("supplement.requested", "papers", ["a", "b\x1bc"]),
        ("supplement.requested", "papers", ["x" * 501]),
        ("step.accepted", "decided_at", "2025-11-21T09:00:00"),
        ("step.completed", "outcome", None),
        ("step.returned", "reason", ""),
        ("supplement.requested", "papers", []),
        ("supplement.requested", "papers", [""]),
        ("supplement.requested", "papers", ["x"] * 51),
        ("obligation.requested", "amount", 0),
        ("obligation.requested", "amount", -5),
        ("obligation.requested", "amount", 1.5),
        ("obligation.requested", "amount", 10**15 + 1),
        ("obligation.requested", "amount", "many"),
    ],
)
def test_events_from_agencies_have_limits(name: str, field: str, value: object) -> None:
    entry = REGISTRY.by_name[f"agency.{name}"]
    made = make_event(entry.name, entry.schema.load(entry.example), "/agency/H57.30.01", MONDAY)
    assert read_data(made)["task"] == entry.example["task"]
    with pytest.raises(ContractViolation, match=field):
        read_data(replace(made, data={**made.data, field: value}))


def test_texts_from_agencies_are_cleaned() -> None:
    entry = REGISTRY.by_name["agency.supplement.requested"]
    data = entry.example | {"reason": "\u202eThiếu\u200b chữ ký\r\n", "papers": ["\ufeffBản sao"]}
    made = make_event(entry.name, entry.schema.load(entry.example), "/agency/H57.30.01", MONDAY)
    found = read_data(replace(made, data=data))
    assert (found["reason"], found["papers"]) == ("Thiếu chữ ký\n", ["Bản sao"])


class _Nameless(EventSchema):
    dossier = fields.Str(required=True)


@pytest.mark.parametrize(
    ("schema", "subscribers"), [(_Nameless(), ()), (TO_AGENCIES[0].schema, ("stats",))], ids=["nameless", "subscribed"]
)
def test_addressed_event_names_its_agency_and_has_no_subscribers(
    schema: EventSchema, subscribers: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="addressed"):
        Registry((EventType("x.y", "routing", subscribers, schema, {}, ("", ""), addressed=True),))
