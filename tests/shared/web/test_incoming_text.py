"""Texts are cleaned before any view sees them, whatever way they come in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from shared.web.error_handlers import register_error_handlers
from shared.web.incoming_text import MAX_DEPTH, clean_json
from shared.web.json_encoding import OrjsonProvider, read_json
from shared.web.problem import Problem
from shared.web.request_body import BoundedRequest

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def client() -> Any:
    """An app that answers what it got."""
    app = Flask("probe")
    app.request_class, app.json = BoundedRequest, OrjsonProvider(app)
    register_error_handlers(app)

    @app.post("/probe/api/json")
    def body() -> Any:
        from flask import request

        return {"got": read_json(request)}

    @app.route("/probe/api/fields", methods=["GET", "POST"])
    def fields() -> Any:
        from flask import request

        return {"form": request.form.to_dict(), "args": request.args.to_dict()}

    return app.test_client()


def test_texts_of_json_are_cleaned_at_any_depth(client: Any) -> None:
    sent = {"name": "\u202eNguye\u0302\u0303n\u200b", "papers": ["\ufeffa", {"note": "một\r\nhai"}], "n": 1, "x": None}
    got = client.post("/probe/api/json", json=sent).json["got"]
    assert got == {"name": "Nguyễn", "papers": ["a", {"note": "một\nhai"}], "n": 1, "x": None}


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\ue000"])
def test_what_cannot_be_printed_is_refused_by_its_place(client: Any, sign: str) -> None:
    answer = client.post("/probe/api/json", json={"papers": ["a", f"b{sign}"], "note": sign})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json["errors"]] == ["papers.1", "note"]
    for answer in (
        client.post("/probe/api/fields", data={"note": sign}),
        client.get("/probe/api/fields", query_string={"note": sign}),
    ):
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json["errors"]] == ["note"]


def test_a_thousand_bad_texts_give_a_short_answer(client: Any) -> None:
    answer = client.post("/probe/api/json", json=["\x00"] * 1000)
    assert len(answer.json["errors"]) == 20


def test_forms_and_query_strings_are_cleaned(client: Any) -> None:
    answer = client.post("/probe/api/fields?q=a%E2%80%8Bb", data={"note": "\u202ex\r\ny"})
    assert answer.json == {"form": {"note": "x\ny"}, "args": {"q": "ab"}}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b" : 1}}',
        b'[{"x": "\\":"}, {"a": 1,\n"a"\n:\n2}]',
        b'{"a": 1, "\\u0061": 2}',
    ],
)
def test_a_key_that_comes_twice_is_refused(client: Any, raw: bytes) -> None:
    answer = client.post("/probe/api/json", data=raw, content_type=JSON)
    assert (answer.status_code, answer.json["type"]) == (400, "urn:motcua:problem:malformed-json")


@pytest.mark.parametrize("raw", [b'{"a": "\\":\\":", "b": {"a": 1}}', b'[{"a": 1}, {"a": 2}]', b'"\\":"', b"[]"])
def test_keys_that_only_look_alike_are_taken(client: Any, raw: bytes) -> None:
    assert client.post("/probe/api/json", data=raw, content_type=JSON).json["got"] == orjson.loads(raw)


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "UTF-7"])
def test_only_utf_8_is_taken(client: Any, charset: str) -> None:
    for path, kind in (("json", JSON), ("fields", FORM)):
        answer = client.post(f"/probe/api/{path}", data=b"{}", content_type=f"{kind}; charset={charset}")
        assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
        assert client.post(f"/probe/api/{path}", data=b"{}", content_type=f"{kind}; charset=UTF-8").status_code == 200


def test_deep_nesting_is_refused(client: Any) -> None:
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    assert client.post("/probe/api/json", data=deep, content_type=JSON).status_code == 400
    assert client.post("/probe/api/json", data=deep[1:-1], content_type=JSON).status_code == 200


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_any_json_without_doubled_keys_is_taken(value: Any) -> None:
    cleaned = clean_json(value, orjson.dumps(value))
    assert clean_json(cleaned, orjson.dumps(cleaned)) == cleaned


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), st.booleans())
def test_any_doubled_key_is_found(value: dict[str, Any], spaced: bool) -> None:
    raw = orjson.dumps(value, option=orjson.OPT_INDENT_2 if spaced else None)
    name = orjson.dumps(next(iter(value)))
    doubled = raw.rstrip()[:-1] + b", " + name + b" : 0}"
    with pytest.raises(Problem):
        clean_json(orjson.loads(doubled), doubled)
