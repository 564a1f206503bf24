"""The AsyncAPI document, the examples and the code agree."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from marshmallow import fields

from services.registry import SERVICE_NAMES, find_service
from shared.contracts import (
    REGISTRY,
    SEALED,
    ContractViolation,
    EventType,
    make_event,
    read_data,
    seal_event,
    unseal_event,
)
from shared.contracts.asyncapi import document
from shared.runtime.data_keys import DataKeys, UnreadableData
from tests.support.stores import MONDAY

ROOT = Path(__file__).parents[2]
ENTRIES = list(REGISTRY.by_name.values())
PERSONAL = {"name", "phone", "email", "address", "id_number", "applicant", "comment", "text"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_example_is_written_and_read_unchanged(entry: EventType) -> None:
    loaded = entry.schema.load(entry.example)
    made = make_event(entry.name, loaded, f"/motcua/{entry.owner}", MONDAY)
    assert read_data(made) == loaded
    assert made.key == entry.example[entry.key]
    assert made.name == entry.name


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_example_shows_every_field(entry: EventType) -> None:
    assert set(entry.example) == set(entry.schema.fields)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_examples_of_the_document_match_its_schemas(entry: EventType) -> None:
    whole = document()
    message = whole["components"]["messages"][entry.name]
    schema = {**message["payload"], "components": whole["components"]}
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    payload = message["examples"][0]["payload"]
    checker.validate(payload)
    for required in entry.schema.fields:
        broken = {**payload, "data": {name: value for name, value in payload["data"].items() if name != required}}
        if entry.schema.fields[required].required and required not in entry.personal:
            assert not checker.is_valid(broken), f"the document does not require {required}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_unknown_fields_are_ignored_and_missing_ones_refused(entry: EventType) -> None:
    made = make_event(entry.name, entry.schema.load(entry.example), "/motcua/x", MONDAY)
    assert read_data(replace(made, data={**made.data, "later": 1})) == entry.schema.load(entry.example)
    with pytest.raises(ContractViolation, match=entry.key):
        read_data(replace(made, data={name: value for name, value in made.data.items() if name != entry.key}))


def test_no_event_carries_personal_data_but_those_for_one_service_alone() -> None:
    for entry in ENTRIES:
        if entry.restricted:
            own_numbers = entry.name.startswith("official.")
            known = {("rating", "stats")} if own_numbers else {("notify",), ("intake",), ("rating",)}
            assert entry.subscribers in known, entry.name
            assert entry.personal or entry.secret or "official" in entry.schema.fields, entry.name
            continue
        assert "official" not in entry.schema.fields, f"{entry.name} tells everybody what an official did"
        texts = {name for name, kind in entry.schema.fields.items() if isinstance(kind, fields.Str | fields.Dict)}
        # `name` of a step or an obligation is a task's name, not a person's
        found = (texts & PERSONAL) - ({"name"} if entry.owner == "routing" else set())
        assert not found, f"{entry.name} carries {found}"


def texts_in(value: Any) -> list[str]:
    """The texts in a value, however deep."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) and value else [text for one in inside for text in texts_in(one)]


@pytest.mark.parametrize("name", [entry.name for entry in ENTRIES if entry.personal])
def test_personal_fields_travel_encrypted_and_open_for_their_event_alone(name: str) -> None:
    entry = REGISTRY.by_name[name]
    made = make_event(name, entry.schema.load(entry.example), "/motcua/intake", MONDAY)
    keys = DataKeys([("k1", "a" * 40)])
    sealed = seal_event(made, keys)
    assert set(sealed.data) == {*entry.schema.fields, SEALED} - set(entry.personal)
    clear = sealed.to_json().decode()
    assert not any(f'"{text}"' in clear for field in entry.personal for text in texts_in(entry.example[field]))
    assert unseal_event(sealed, keys) == made
    with pytest.raises(UnreadableData):
        unseal_event(replace(sealed, id="another"), keys)
    with pytest.raises(LookupError, match="MOTCUA_DATA_KEYS"):
        seal_event(made, None)


def test_every_event_has_a_subscriber() -> None:
    """One that nobody gets could never leave the outbox."""
    assert [entry.name for entry in ENTRIES if not entry.subscribers and not entry.name.startswith("agency.")] == []


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_handler_tables_and_contracts_name_the_same_subscribers(service: str) -> None:
    handlers = find_service(service).worker_spec().handlers
    assert set(handlers) == set(REGISTRY.subscriptions().get(service, ()))


def test_an_unknown_event_cannot_be_made() -> None:
    with pytest.raises(ContractViolation, match="there is no event"):
        make_event("dossier.eaten", {}, "/motcua/x", MONDAY)


def test_the_committed_document_is_the_generated_one() -> None:
    committed: dict[str, Any] = json.loads((ROOT / "docs" / "asyncapi.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(document())), "run: motcua contracts --out docs/asyncapi.json"
