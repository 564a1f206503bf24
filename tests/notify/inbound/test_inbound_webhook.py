"""Gateways post SMS of citizens: signed, stored once, answered at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.notify.app import create_app
from services.notify.inbound.store import inbound
from shared.auth.message_signature import HEADER, WINDOW, sign
from tests.support.service import ServiceUnderTest

KEY = "key-of-the-gateway-0123456789"
SMS = {
    "message": "m-1",
    "sender": "+84987654321",
    "recipient": "8099",
    "text": "TG",
    "sent_at": "2016-01-04T08:00:00+07:00",
}
Post = Callable[..., TestResponse]


@pytest.fixture
def post(both: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    """Posts an SMS, signed now with the right key unless told otherwise."""
    gateway = {"name": "gateway", "channel": "sms", "kind": "http-sms", "address": "https://sms.example.vn"}
    file = tmp_path / "providers.json"
    file.write_text(json.dumps({"providers": [gateway | {"secret_env": "GATEWAY_KEY", "sender": "MOTCUA"}]}))
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(file))
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    client = both.client(create_app)

    def send(body: Any, key: str = KEY, age: int = 0, provider: str = "gateway") -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = both.store.clock.wall() - timedelta(seconds=age)
        headers = {HEADER: sign(key, content, at), "Content-Type": "application/json"}
        return client.post(f"/notify/api/inbound/{provider}", data=content, headers=headers)

    return send


def test_the_same_message_is_stored_once(both: ServiceUnderTest, post: Post) -> None:
    assert [post(SMS).json for _ in range(2)] == [{"new": True}, {"new": False}]
    again = post(SMS | {"sent_at": "2016-01-04T08:05:00+07:00", "attempt": 3})
    assert (again.status_code, again.json) == (200, {"new": False}), "the gateway's id decides"
    assert post(SMS | {"message": "m-2"}).json == {"new": True}, "somebody asks again"
    assert {(row["provider"], row["sender"], row["text"], row["state"]) for row in both.rows(inbound)} == {
        ("gateway", "+84987654321", "TG", "new")
    }


def test_only_the_gateway_is_believed(both: ServiceUnderTest, post: Post) -> None:
    assert post(SMS, key="another-key-of-somebody-else").status_code == 401
    assert post(SMS, age=WINDOW + 1).status_code == 401
    assert post(SMS, age=-WINDOW - 1).status_code == 401
    assert post(SMS, provider="nobody").status_code == 404
    assert both.rows(inbound) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * 151}, "message"),
        ({"sender": ""}, "sender"),
        ({"sender": "9" * 41}, "sender"),
        ({"recipient": 8099}, "recipient"),
        ({"text": None}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"sent_at": "2016-01-04T08:00:00"}, "sent_at"),
    ],
)
def test_a_malformed_message_is_a_problem_that_names_the_field(
    both: ServiceUnderTest, post: Post, wrong: dict[str, Any], field: str
) -> None:
    answer = post(SMS | wrong)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert both.rows(inbound) == []


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), ([], 422), (SMS | {"more": "x" * 20_000}, 413)])
def test_what_is_no_message_is_refused(both: ServiceUnderTest, post: Post, body: Any, status: int) -> None:
    answer = post(body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert both.rows(inbound) == []
