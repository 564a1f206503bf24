"""What is sent is measured before it is read item by item, and answers are small whatever was sent."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from shared.web.error_handlers import to_problem
from shared.web.field_errors import errors_of
from shared.web.input_bounds import MAX_ITEMS, MAX_MEMBERS, PAGE_BYTES, PAGE_FIELDS, accepts, check_sizes, limit_form
from shared.web.problem import MAX_ERRORS, Problem


class Inner(Schema):
    """A part of the body."""

    names = fields.List(fields.Str(), validate=validate.Length(max=3))


class Counted(fields.Field[object]):
    """A field that counts what it looks at, and repeats it in its error."""

    looked_at = 0

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> object:
        Counted.looked_at += 1
        raise ValidationError(f"{value} is wrong")


class Outer(Schema):
    """A body with lists at every level."""

    items = fields.List(Counted(), validate=validate.Length(max=5))
    free = fields.List(Counted())
    one = fields.Nested(Inner)
    many = fields.Nested(Inner, many=True)
    nested = fields.List(fields.Nested(Inner))
    anything = fields.Dict()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": ["x"] * 6}, "items"),
        ({"free": ["x"] * (MAX_ITEMS + 1)}, "free"),
        ({"one": {"names": ["x"] * 4}}, "one.names"),
        ({"many": [{"names": []}, {"names": ["x"] * 4}]}, "many.names"),
        ({"nested": [{}, {"names": ["x"] * 4}]}, "nested.1.names"),
        ({"anything": dict.fromkeys(map(str, range(MAX_MEMBERS + 1)))}, "anything"),
        ({"unknown": ["x"] * (MAX_MEMBERS + 1)}, "unknown"),
        (dict.fromkeys(map(str, range(MAX_MEMBERS + 1))), ""),
    ],
)
def test_sizes_are_refused_before_any_item_is_looked_at(body: dict[str, Any], field: str) -> None:
    Counted.looked_at = 0
    with pytest.raises(ValidationError) as refused:
        check_sizes(Outer(), body)
    assert [error["field"].removeprefix("_schema") for error in errors_of(refused.value)] == [field]
    assert Counted.looked_at == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=200,
)


@given(
    st.dictionaries(st.sampled_from(["items", "free", "one", "many", "nested", "x"]), json_values), st.integers(1, 3000)
)
def test_an_error_answer_is_small_whatever_the_body(body: dict[str, Any], times: int) -> None:
    repeated = {name * times: value * times if isinstance(value, list) else value for name, value in body.items()}
    for sent in (body, repeated):
        answer: dict[str, Any] = {}
        try:
            check_sizes(Outer(), sent)
            Outer().load(sent)
        except ValidationError as error:
            answer = to_problem(error).body()
        assert len(orjson.dumps(answer)) < 64 * 1024


def test_twenty_errors_are_told_with_the_number_of_the_rest() -> None:
    problem = Problem(422, "invalid", errors=[{"field": f"chosen.{n}", "message": "x" * 9999} for n in range(300_000)])
    assert len(problem.body()["errors"]) == MAX_ERRORS
    assert problem.body()["errors_omitted"] == 300_000 - MAX_ERRORS
    assert len(orjson.dumps(problem.body())) < 64 * 1024


def form(body: bytes, kind: str = "application/x-www-form-urlencoded") -> Request:
    request = Request(EnvironBuilder(method="POST", data=body, content_type=kind).get_environ())
    request.max_content_length = 1 << 20
    return request


def test_a_form_is_measured_before_it_is_parsed() -> None:
    def page() -> None: ...

    limit_form(fits := form(b"a=1&" * (PAGE_FIELDS - 1)), page)
    assert len(fits.form.getlist("a")) == PAGE_FIELDS - 1
    for body in (b"a&" * PAGE_FIELDS, b"a=" + b"x" * PAGE_BYTES, b"a&" * 400_000):
        with pytest.raises(RequestEntityTooLarge):
            limit_form(form(body), page)
    longer = accepts(PAGE_BYTES * 2)(page)
    limit_form(form(b"a=" + b"x" * PAGE_BYTES), longer)
