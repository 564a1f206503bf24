"""The fast check accepts only what the schema accepts, and accepts all ordinary data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts import REGISTRY
from shared.contracts.base import time_field
from shared.contracts.fast_validation import compile_fast_reader, compile_fast_validator

ENTRIES = list(REGISTRY.by_name.values())
WITH_OBJECTS = {"procedure.published", "personal_data.messages_provided", "personal_data.rating_provided"}

OFFSETS = st.sampled_from(
    [UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=7, minutes=6, seconds=30)), None]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=70),
    st.text(min_size=490, max_size=520),
    st.datetimes(timezones=OFFSETS),
    st.binary(max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none()), max_size=3),
)


def as_json(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_ordinary_data_takes_the_fast_path(entry: Any) -> None:
    # What agencies send is only read here, and always cleaned by its schema.
    slow = entry.name in WITH_OBJECTS or entry.owner == "agency"
    assert entry.is_valid_fast(entry.schema.load(entry.example)) == (not slow)


@settings(max_examples=400)
@given(st.data())
def test_what_the_fast_check_accepts_the_schema_accepts(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(ENTRIES))
    changed = entry.schema.load(entry.example)
    for name in data.draw(st.lists(st.sampled_from(sorted(entry.schema.fields)), min_size=1, max_size=3)):
        if data.draw(st.booleans()):
            changed.pop(name, None)
        else:
            changed[name] = data.draw(VALUES)
    if entry.is_valid_fast(changed):
        accepted = entry.schema.load(as_json(changed))
        assert {name: accepted[name] for name in changed} == changed


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_ordinary_data_is_read_fast(entry: Any) -> None:
    slow = entry.name in WITH_OBJECTS or entry.owner == "agency"
    assert entry.read_fast({**entry.example, "new field": 1}) == (None if slow else entry.schema.load(entry.example))


MOMENTS = st.one_of(
    st.datetimes(timezones=OFFSETS).map(datetime.isoformat),
    st.sampled_from(
        [
            "2025-01-01",
            "2025-01-01T00:00:00Z",
            "2025-01-01 00:00:00+07:00",
            "20250101T000000+0700",
            "2025-01-01T07:30+07:00",
            "2025-01-01T00:00:00,5+07:00",
            "2025-W01-1T00:00:00+07:00",
            " 2025-01-01T00:00:00+07:00",
        ]
    ),
)


@settings(max_examples=400)
@given(st.data())
def test_what_is_read_fast_is_what_the_schema_loads(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(ENTRIES))
    changed = dict(entry.example)
    for name in data.draw(st.lists(st.sampled_from(sorted(entry.schema.fields)), min_size=1, max_size=3)):
        if data.draw(st.booleans()):
            changed.pop(name, None)
        else:
            changed[name] = data.draw(st.one_of(VALUES.filter(lambda value: not isinstance(value, datetime)), MOMENTS))
    read = entry.read_fast(changed)
    if read is not None:
        loaded = entry.schema.load(changed)
        assert (list(read.items()), list(map(type, read.values()))) == (
            list(loaded.items()),
            list(map(type, loaded.values())),
        )
        assert as_json(read) == as_json(loaded), "also the offsets of times are the same"


class _Strict(Schema):
    text = fields.Str(required=True, validate=validate.Length(1, 3))
    count = fields.Int(allow_none=True, validate=validate.Range(1))
    many = fields.List(fields.Str(validate=validate.Length(max=2)), validate=validate.Length(max=2))
    at = time_field(required=False)


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        ({"text": "abc"}, True),
        ({"text": "abc", "count": None, "many": ["x"], "at": datetime(2025, 1, 1, tzinfo=UTC)}, True),
        ({}, False),
        ({"text": None}, False),
        ({"text": ""}, False),
        ({"text": "abcd"}, False),
        ({"text": "a", "count": 0}, False),
        ({"text": "a", "count": True}, False),
        ({"text": "a", "count": "1"}, False),
        ({"text": "a", "many": ["xxx"]}, False),
        ({"text": "a", "many": ["x", "x", "x"]}, False),
        ({"text": "a", "many": [None]}, False),
        ({"text": "a", "many": ("x",)}, False),
        ({"text": "a", "at": datetime(2025, 1, 1)}, False),
        ({"text": "a", "at": "2025-01-01T00:00:00Z"}, False),
    ],
)
def test_types_and_validators_are_checked(data: dict[str, Any], valid: bool) -> None:
    assert compile_fast_validator(_Strict())(data) is valid


class _Hooked(Schema):
    text = fields.Str()

    @validates_schema
    def never(self, data: dict[str, Any], **_: Any) -> None:
        raise ValidationError("no")


class _Renamed(Schema):
    text = fields.Str(data_key="other")


class _Shown(Schema):
    text = fields.Str(dump_only=True)


class _Open(Schema):
    anything = fields.Dict()


@pytest.mark.parametrize("schema", [_Hooked(), _Renamed(), _Shown(), _Open()])
def test_other_schemas_never_take_the_fast_path(schema: Schema) -> None:
    assert not compile_fast_validator(schema)({})
    assert compile_fast_reader(schema)({}) is None


class _RefusesUnknown(Schema):
    text = fields.Str()


def test_a_schema_that_refuses_unknown_fields_does_not_read_fast() -> None:
    assert compile_fast_reader(_RefusesUnknown())({}) is None
