"""The short cut for JSON bodies gives what the schema gives, and leaves to the schema what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, post_load, validate, validates_schema

from services.intake.filing.schemas import FilingSchema
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.web.body_loading import body_loader
from shared.web.input_bounds import MAX_ITEMS, MAX_MEMBERS, check_sizes


class Upper(fields.Str):
    """A field that changes its value."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).upper()


class Person(Schema):
    """An object in the body, which may contain another of its kind."""

    name = fields.Str(required=True, validate=validate.Length(min=1, max=3))
    friend = fields.Nested(lambda: Person(exclude=("shout",)), allow_none=True)
    shout = Upper(load_default="nobody")


class Body(Schema):
    """Fields of all kinds that the short cut knows, and of some that it does not."""

    text = fields.Str(required=True, validate=[validate.Length(max=3), validate.Regexp("[a-z]*$")])
    maybe = fields.Str(load_default=None, allow_none=True)
    flag = fields.Bool(load_default=False)
    number = fields.Int(validate=validate.Range(min=0))
    strict = fields.Int(strict=True)
    decimal = fields.Decimal()
    moment = fields.AwareDateTime()
    person = fields.Nested(Person)
    people = fields.List(fields.Nested(Person), load_default=list, validate=validate.Length(max=2))
    crowd = fields.Nested(Person, many=True)
    open = fields.Nested(Person, unknown=EXCLUDE)
    words = fields.List(Upper())
    anything = fields.Raw()
    shown = fields.Str(dump_only=True)


class Tolerant(Body):
    """Ignores what it does not know."""

    class Meta:
        unknown = EXCLUDE


class Curious(Body):
    """Takes what it does not know."""

    class Meta:
        unknown = INCLUDE


class Renamed(Schema):
    """Fields whose names are not their members' names."""

    text = fields.Str(data_key="words")
    flag = fields.Bool(attribute="number")


class Together(Body):
    """Looks at several fields at once."""

    @validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuses a combination."""
        if data.get("flag") and data.get("number") == 0:
            raise ValidationError("not both")


class Made(Body):
    """Makes something else of the body."""

    @post_load
    def make(self, data: dict[str, Any], **kwargs: Any) -> tuple[Any, ...]:
        """The values."""
        return tuple(data.values())


SCHEMAS = [Body(), Tolerant(), Curious(), Renamed(), Together(), Made(), Body(partial=True), Body(many=True)]
TEXTS = st.sampled_from(["", "a", "abc", "abcd", "A", "1", "true", "2026-01-01T00:00:00+07:00", "ấ"])
SCALARS = st.none() | st.booleans() | st.integers(-1, 2**64) | st.floats(allow_nan=False) | TEXTS
PEOPLE = st.recursive(
    st.fixed_dictionaries({"name": TEXTS}, optional={"shout": SCALARS, "x": SCALARS}),
    lambda inner: st.fixed_dictionaries({"name": TEXTS, "friend": inner | SCALARS}),
    max_leaves=3,
)
VALUES = SCALARS | PEOPLE | st.lists(SCALARS | PEOPLE, max_size=3) | st.dictionaries(TEXTS, SCALARS, max_size=3)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(["", "a", "abc"]),
    "maybe": st.none() | TEXTS,
    "flag": st.booleans(),
    "number": st.integers(0, 3),
    "strict": st.integers(),
    "person": PEOPLE,
    "people": st.lists(PEOPLE, max_size=2),
    "crowd": st.lists(PEOPLE, max_size=2),
    "words": st.lists(TEXTS, max_size=2),
}
OTHERS = ("text", "decimal", "moment", "open", "anything", "shown", "unknown", "words", "people", "flag")


def outcome(load: Any, body: Any) -> tuple[str, str]:
    """What loading gives, with the types and the order, or the messages of its error."""
    try:
        return "loaded", repr(load(body))
    except ValidationError as error:
        return "refused", repr(error.messages)


@settings(max_examples=400)
@given(
    st.sampled_from(SCHEMAS),
    st.fixed_dictionaries({}, optional=RIGHT),
    st.dictionaries(st.sampled_from(OTHERS), VALUES, max_size=2),
)
def test_it_gives_what_the_schema_gives(schema: Schema, right: dict[str, Any], others: dict[str, Any]) -> None:
    body: Any = right | others

    def slowly(sent: Any) -> Any:
        check_sizes(schema, sent)
        return schema.load(sent)

    for sent in (body, [body], None):
        assert outcome(body_loader(schema), sent) == outcome(slowly, sent)


def test_an_ordinary_filing_does_not_need_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {**LAND_TRANSFER, "channel": "counter", "receiving_agency": "H12.32.01"}
    expected = FilingSchema().load(body)
    load = body_loader(FilingSchema())
    with monkeypatch.context() as patched:
        patched.setattr(Schema, "_do_load", lambda *_, **__: pytest.fail("the schema was asked"))
        assert load(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a", "words": ["x"] * (MAX_ITEMS + 1)},
        {"text": "a", "people": [{"name": "a"}] * 3},
        {"text": "a", "anything": ["x"] * (MAX_MEMBERS + 1)},
        {"text": "a", "crowd": [{"name": "a"}] * (MAX_ITEMS + 1)},
        {"text": "a", **dict.fromkeys(map(str, range(MAX_MEMBERS + 1)))},
        {"text": "a", "person": {"name": "a", **dict.fromkeys(map(str, range(MAX_MEMBERS + 1)))}},
    ],
)
@pytest.mark.parametrize("schema", [Body(), Tolerant()])
def test_it_has_the_same_bounds(schema: Schema, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as expected:
        check_sizes(schema, body)
    assert outcome(body_loader(schema), body) == ("refused", repr(expected.value.messages))
