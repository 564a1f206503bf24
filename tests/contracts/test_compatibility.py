"""The contract with agencies only grows: an adapter that was written from the last release goes on working."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.cli.contracts import contracts
from shared.contracts.agency_release import (
    AgencyContract,
    changes_since,
    promised,
    read_contract,
    released_contract,
    write_contract,
)
from shared.contracts.asyncapi import agency_entries, example
from shared.contracts.compatibility import Direction, breaking_changes

TO, FROM = Direction.TO_AGENCY, Direction.FROM_AGENCY
TEXT = {"type": "string", "minLength": 1, "maxLength": 10}


def message(**fields: Any) -> dict[str, Any]:
    """A schema with a reference, as the contract's have."""
    required = [name for name, field in fields.items() if not field.pop("optional", False)]
    data = {"type": "object", "properties": fields, "required": sorted(required)}
    return {
        "type": "object",
        "properties": {"data": {"$ref": "#/$defs/Data"}},
        "required": ["data"],
        "$defs": {"Data": data},
    }


def optional(field: dict[str, Any]) -> dict[str, Any]:
    return {**field, "optional": True}


@pytest.mark.parametrize(
    ("before", "now", "to_agency", "from_agency"),
    [
        pytest.param({"a": TEXT}, {"a": TEXT}, [], [], id="nothing changes"),
        pytest.param({"a": TEXT}, {"a": TEXT, "b": optional(TEXT)}, [], [], id="a new field that may be missing"),
        pytest.param(
            {"a": TEXT},
            {"a": TEXT, "b": TEXT},
            [],
            ["data.b: a message without it was accepted, and is not any more"],
            id="a new field that must be there",
        ),
        pytest.param(
            {"a": TEXT, "b": optional(TEXT)},
            {"a": TEXT},
            ["data.b: the field is gone"],
            ["data.b: the field is gone"],
            id="a field that might be missing is gone",
        ),
        pytest.param(
            {"a": TEXT, "b": TEXT},
            {"a": TEXT},
            ["data.b: a message without it is sent, and was not", "data.b: the field is gone"],
            ["data.b: the field is gone"],
            id="a field is gone",
        ),
        pytest.param(
            {"a": TEXT},
            {"a": optional(TEXT)},
            ["data.a: a message without it is sent, and was not"],
            [],
            id="a field may be missing",
        ),
        pytest.param(
            {"a": TEXT},
            {"a": {**TEXT, "type": ["string", "null"]}},
            ["data.a: null is sent, and was not"],
            [],
            id="a field may be null",
        ),
        pytest.param(
            {"a": TEXT},
            {"a": {**TEXT, "maxLength": 20}},
            ["data.a: more than maxLength 10 is sent, and was not"],
            [],
            id="a longer text",
        ),
        pytest.param(
            {"a": TEXT},
            {"a": {**TEXT, "maxLength": 5}},
            [],
            ["data.a: more than maxLength 5 was accepted, and is not any more"],
            id="a shorter text",
        ),
        pytest.param(
            {"a": TEXT},
            {"a": {**TEXT, "minLength": 0}},
            ["data.a: less than minLength 1 is sent, and was not"],
            [],
            id="an empty text",
        ),
        pytest.param(
            {"a": {"type": "string"}},
            {"a": {"type": "string", "format": "date-time"}},
            [],
            ["data.a: format any was accepted, and is not any more"],
            id="a text becomes a time",
        ),
        pytest.param(
            {"a": {"enum": ["x", "y"]}},
            {"a": {"enum": ["y", "z"]}},
            ["data.a: z is sent, and was not"],
            ["data.a: x was accepted, and is not any more"],
            id="other values",
        ),
        pytest.param(
            {"a": {"type": "array", "items": TEXT}},
            {"a": {"type": "array", "items": {**TEXT, "type": "integer"}}},
            ["data.a[]: integer is sent, and was not"],
            ["data.a[]: string was accepted, and is not any more"],
            id="items of another type",
        ),
    ],
)
def test_what_breaks_an_adapter(
    before: dict[str, Any], now: dict[str, Any], to_agency: list[str], from_agency: list[str]
) -> None:
    released, present = message(**copy.deepcopy(before)), message(**copy.deepcopy(now))
    assert breaking_changes(released, present, TO) == to_agency
    assert breaking_changes(released, present, FROM) == from_agency


FIELD = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "boolean", ["string", "null"]])},
    optional={"minLength": st.integers(0, 3), "maxLength": st.integers(4, 9), "optional": st.booleans()},
)
FIELDS = st.dictionaries(st.sampled_from("abcd"), FIELD, min_size=1)


@given(FIELDS, FIELDS)
def test_a_change_that_is_said_to_break_nobody_lets_old_messages_pass(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    released, present = message(**copy.deepcopy(before)), message(**copy.deepcopy(now))
    samples = [{"data": dict.fromkeys(before.keys() | now.keys(), value)} for value in ("", "12345678", None, 1, True)]
    samples += [{"data": dict.fromkeys(before.keys() | now.keys(), "abcd")}, {"data": {}}]
    old, new = Draft202012Validator(released), Draft202012Validator(present)
    for sample in samples:
        if not breaking_changes(released, present, FROM) and old.is_valid(sample):
            assert new.is_valid(sample)
        known = {"data": {name: value for name, value in sample["data"].items() if name in before}}
        if not breaking_changes(released, present, TO) and new.is_valid(sample):
            assert old.is_valid(known)


def test_the_present_contract_breaks_no_adapter_of_the_last_release() -> None:
    assert changes_since(released_contract(), date.today()) == {}


def test_each_message_of_today_is_released() -> None:
    assert {entry.type for entry in agency_entries()} == set(released_contract().schemas), "motcua contracts --release"


def test_the_examples_match_the_released_schemas() -> None:
    for entry in agency_entries():
        Draft202012Validator(released_contract().schemas[entry.type]).validate(example(entry))


def release_with(*types: str, ends: dict[str, date] | None = None) -> AgencyContract:
    """Today's contract, with further types that are gone today."""
    present = released_contract()
    gone = {type_: next(iter(present.schemas.values())) for type_ in types}
    return replace(present, schemas={**present.schemas, **gone}, ends=ends or {})


def test_a_version_of_an_event_ends_a_year_after_notice() -> None:
    today, old = date(2028, 1, 1), "vn.motcua.agency.step.done.v1"
    assert list(changes_since(release_with(old), today)) == [old]
    early = release_with(old, ends={old: today - timedelta(days=364)})
    assert list(changes_since(early, today)) == [old]
    assert changes_since(release_with(old, ends={old: today - timedelta(days=365)}), today) == {}


def test_a_change_of_an_event_is_found_in_both_directions() -> None:
    completed = next(entry for entry in agency_entries() if entry.name == "agency.step.completed")
    schema = copy.deepcopy(promised(completed))
    schema["$defs"]["AgencyStepCompleted"]["properties"]["outcome"]["maxLength"] = 9_999
    release = replace(released_contract(), schemas={completed.type: schema})
    [found] = changes_since(release, date.today())[completed.type]
    assert found.startswith("data.outcome: more than maxLength")


def test_a_release_can_be_read_again(tmp_path: Path) -> None:
    written = write_contract("1.1", date(2027, 1, 1), {"vn.motcua.agency.step.done.v1": date(2027, 1, 1)})
    assert read_contract(json.loads(json.dumps(written))) == AgencyContract(
        "1.1",
        date(2027, 1, 1),
        {entry.type: promised(entry) for entry in agency_entries()},
        {"vn.motcua.agency.step.done.v1": date(2027, 1, 1)},
    )
    file = tmp_path / "contract.json"
    done = CliRunner().invoke(contracts, ["--release", "9.0", "--out", str(file)])
    assert done.exit_code == 0, done.output
    assert json.loads(file.read_text("utf-8"))["version"] == "9.0"


@pytest.mark.parametrize(("version", "told"), [("0.1", "older than the last release"), ("new", "is not a version")])
def test_a_wrong_version_is_refused(version: str, told: str) -> None:
    done = CliRunner().invoke(contracts, ["--release", version])
    assert (done.exit_code, told in done.output) == (1, True)
