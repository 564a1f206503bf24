"""Receipts of parts, and the reports of gateways, on both kinds of store."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.notify.app import create_app
from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.domain import Channel, ReceiptStatus
from services.notify.channels.health.commands import attend_providers
from services.notify.channels.health.queries import provider_health
from services.notify.channels.parts.domain import status_of_whole
from services.notify.channels.parts.sink import StoredReceipts
from services.notify.channels.pool.member import Member, MemberSettings
from services.notify.channels.pool.provider_pool import ProviderPool
from services.notify.channels.receipt_store import receipts
from services.notify.channels.spool import SpoolProvider
from shared.auth.message_signature import HEADER, WINDOW, sign
from tests.support.service import ServiceUnderTest

DELIVERED, FAILED = ReceiptStatus.DELIVERED, ReceiptStatus.FAILED
KEY = "key-of-the-gateway-0123456789"
PARTS = ("a", "b", "c")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([DELIVERED, DELIVERED], DELIVERED),
        ([DELIVERED, None], None),
        ([DELIVERED, FAILED], FAILED),
        ([None, FAILED], FAILED),
        ([], None),
    ],
)
def test_what_parts_say_of_the_whole(parts: list[ReceiptStatus | None], whole: ReceiptStatus | None) -> None:
    assert status_of_whole(parts) is whole


def recorded(service: ServiceUnderTest) -> set[tuple[str, str]]:
    return {(row["reference"], row["status"]) for row in service.rows(receipts)}


@pytest.mark.parametrize("parts_known_after", range(4))
def test_a_text_has_arrived_once_all_its_parts_have(both: ServiceUnderTest, parts_known_after: int) -> None:
    sink, at = StoredReceipts(both.store), both.store.clock.wall()
    for number, reference in enumerate(PARTS):
        if number == parts_known_after:
            sink.parts("network", {"a+2": PARTS})
        sink.receipts("network", [ProviderReceipt(reference, DELIVERED, at), ProviderReceipt(reference, DELIVERED, at)])
        if number < 2:
            assert ("a+2", "delivered") not in recorded(both)
    if parts_known_after == 3:
        sink.parts("network", {"a+2": PARTS})
    assert ("a+2", "delivered") in recorded(both)
    sink.receipts("another", [ProviderReceipt("a", FAILED, at)])
    assert ("a+2", "failed") not in recorded(both), "another network's ids are others"


@pytest.mark.parametrize("order", list(itertools.permutations(PARTS)))
def test_one_failed_part_fails_the_text_in_any_order(notify: ServiceUnderTest, order: tuple[str, ...]) -> None:
    sink, at = StoredReceipts(notify.store), notify.store.clock.wall()
    sink.parts("network", {"a+2": PARTS})
    for reference in order:
        status = FAILED if reference == "b" else DELIVERED
        sink.receipts("network", [ProviderReceipt(reference, status, at, "SMPP UNDELIV")])
    (failed,) = [row for row in notify.rows(receipts) if row["reference"] == "a+2"]
    assert (failed["status"], failed["reason"]) == ("failed", "SMPP UNDELIV")


def test_pages_read_how_providers_do(both: ServiceUnderTest, tmp_path: Path) -> None:
    def pool(*names: str) -> ProviderPool:
        return ProviderPool(
            Channel.SMS, [Member(MemberSettings(name, "spool"), SpoolProvider(tmp_path)) for name in names]
        )

    attend_providers(both.store, [pool("a", "b")])
    attend_providers(both.store, [pool("b", "c")])
    with both.store.read() as connection:
        found = provider_health(connection)
    assert [(one.health.name, one.health.state, one.health.share) for one in found] == [
        ("b", "closed", 1.0),
        ("c", "closed", 1.0),
    ]


@pytest.fixture
def report(both: ServiceUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., TestResponse]:
    """Posts a report, signed now with the right key unless told otherwise."""
    file = tmp_path / "providers.json"
    gateway = {
        "name": "gateway",
        "channel": "sms",
        "kind": "http-sms",
        "address": "https://sms.example.vn",
        "secret_env": "GATEWAY_KEY",
        "sender": "MOTCUA",
    }
    file.write_text(json.dumps({"providers": [gateway]}))
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(file))
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    client = both.client(create_app)

    def post(body: Any, key: str = KEY, age: int = 0, provider: str = "gateway") -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = both.store.clock.wall() - timedelta(seconds=age)
        headers = {HEADER: sign(key, content, at), "Content-Type": "application/json"}
        return client.post(f"/notify/api/receipts/{provider}", data=content, headers=headers)

    return post


def told(reference: str = "g1", status: str = "delivered", **more: str) -> dict[str, Any]:
    return {"receipts": [{"reference": reference, "status": status, "at": "2016-01-04T08:00:00+07:00", **more}]}


def test_reports_are_stored_and_duplicates_do_no_harm(
    both: ServiceUnderTest, report: Callable[..., TestResponse]
) -> None:
    for _ in range(2):
        answer = report(told())
        assert (answer.status_code, answer.json) == (200, {"stored": 1})
    assert report(told("g2", "failed", error="E-21")).status_code == 200
    assert recorded(both) == {("g1", "delivered"), ("g2", "failed")}
    assert {row["reason"] for row in both.rows(receipts)} == {"", "gateway: E-21"}


def test_only_the_provider_is_believed(both: ServiceUnderTest, report: Callable[..., TestResponse]) -> None:
    assert report(told(), key="another-key-of-somebody-else").status_code == 401
    assert report(told(), age=WINDOW + 1).status_code == 401
    assert report(told(), age=-WINDOW - 1).status_code == 401
    assert report(told(), provider="nobody").status_code == 404
    assert recorded(both) == set()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        [],
        {},
        {"receipts": []},
        told(status="lost"),
        told(reference=""),
        told(reference="x" * 151),
        told(error="0912345678"),
        told(error="Nguyễn Văn A"),
        {"receipts": [{"reference": "g1", "status": "delivered", "at": "yesterday"}]},
        {"receipts": [{"reference": "g1", "status": "delivered", "at": "2016-01-04T08:00:00"}]},
        {"receipts": told()["receipts"] * 501},
    ],
)
def test_a_malformed_report_is_a_problem(
    both: ServiceUnderTest, report: Callable[..., TestResponse], body: Any
) -> None:
    answer = report(body)
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert recorded(both) == set()
