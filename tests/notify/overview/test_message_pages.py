"""What staff see of messages, and what they may do about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.notify.app import create_app
from services.notify.channels.domain import Channel
from services.notify.channels.port import PermanentlyFailed
from services.notify.delivery.commands import Sender
from services.notify.delivery.store import deliveries
from services.notify.delivery.sweeps import send_due
from services.notify.templates.commands import preview
from services.notify.templates.domain import PLACEHOLDERS
from services.notify.templates.labels import LABELS
from services.notify.templates.store import overrides
from services.notify.templates.template_loader import all_templates
from shared.persistence.reading_audit import reading_audit
from tests.notify.gateway import Gateway, always
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, OTHER = "H57.10.01", "H12.31.01"
PAGES = ("/notify/", "/notify/failed", "/notify/costs", "/notify/templates")
TEXT = "/notify/templates/sms/vi/received"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


@pytest.fixture
def client(notify: ServiceUnderTest) -> FlaskClient:
    registered = event("applicant.registered", 1, dossier="D-1", email="")
    notify.apply(registered, event("dossier.received", 2, dossier="D-1"))
    return notify.client(create_app)


def fail(notify: ServiceUnderTest) -> str:
    refused = Gateway(always(PermanentlyFailed("unknown number", "gateway")))
    Sender(notify.store, Channel.SMS, refused, "https://motcua.vn").send_batch()
    (row,) = notify.rows(deliveries)
    return str(row["id"])


def test_the_log_of_a_dossier_masks_numbers_and_is_audited(notify: ServiceUnderTest, client: FlaskClient) -> None:
    fail(notify)
    page = client.get("/notify/dossiers/D-1", headers=notify.headers("clerk", DESK))
    assert page.status_code == 200
    assert "09xx xxx 678" in page.text
    assert "0912345678" not in page.text
    assert "Không gửi được" in page.text
    assert [(row["action"], row["record"]) for row in notify.rows(reading_audit)] == [("messages", "D-1")]


def test_staff_see_only_their_own_agencies(notify: ServiceUnderTest, client: FlaskClient) -> None:
    fail(notify)
    assert "D-1" in client.get("/notify/failed", headers=notify.headers("clerk", DESK)).text
    assert "D-1" not in client.get("/notify/failed", headers=notify.headers("clerk", OTHER)).text
    assert client.get("/notify/dossiers/D-1", headers=notify.headers("clerk", OTHER)).status_code == 403
    for page in PAGES:
        assert client.get(page, headers=notify.headers("clerk", "")).status_code == 403
        assert client.get(page, headers=notify.headers("officer", DESK)).status_code == 403


def again(client: FlaskClient, notify: ServiceUnderTest, delivery: str, agency: str = DESK) -> int:
    headers = notify.headers("clerk", agency) | OWN
    return client.post("/notify/dossiers/D-1", data={"delivery": delivery}, headers=headers).status_code


def test_a_failed_message_is_sent_again_once_however_often_it_is_pressed(
    notify: ServiceUnderTest, client: FlaskClient
) -> None:
    delivery = fail(notify)
    assert again(client, notify, delivery, OTHER) == 403
    assert [again(client, notify, delivery) for _ in range(3)] == [303, 303, 303]
    assert sorted(row["state"] for row in notify.rows(deliveries)) == ["failed", "queued"]
    assert send_due(notify.context, Channel.SMS) == 1
    assert [one.name for one in notify.emitted("message.failed", "message.sent")] == ["message.failed", "message.sent"]
    assert again(client, notify, "unknown") == 404


def test_what_has_not_failed_or_holds_a_secret_is_not_sent_again(notify: ServiceUnderTest, client: FlaskClient) -> None:
    (row,) = notify.rows(deliveries)
    assert again(client, notify, row["id"]) == 409
    notify.apply(event("result.code_issued", 3, dossier="D-1"))
    Sender(notify.store, Channel.SMS, Gateway(always(PermanentlyFailed("no"))), "https://motcua.vn").send_batch()
    secret = next(row for row in notify.rows(deliveries) if row["kind"] == "one_time_code")
    assert secret["state"] == "failed"
    assert again(client, notify, secret["id"]) == 409


def test_costs_count_segments_of_the_month(notify: ServiceUnderTest, client: FlaskClient) -> None:
    send_due(notify.context, Channel.SMS)
    month = f"{notify.store.clock.now():%Y-%m}"
    assert "800" in client.get(f"/notify/costs?month={month}", headers=notify.headers("leader", DESK)).text
    assert "Tháng này chưa có" in client.get("/notify/costs?month=2020-01", headers=notify.headers("leader", DESK)).text


def test_a_provider_with_a_price_of_its_own_costs_that(
    notify: ServiceUnderTest, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_due(notify.context, Channel.SMS)
    file = tmp_path / "providers.json"
    file.write_text('{"providers": [{"name": "spool", "channel": "sms", "kind": "spool", "price": 470}]}')
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(file))
    leader, month = notify.headers("leader", DESK), f"{notify.store.clock.now():%Y-%m}"
    shown = client.get(f"/notify/costs?month={month}", headers=leader).text
    assert "SMS · spool" in shown
    assert "470" in shown
    assert "470" in client.get(TEXT, headers=leader).text


def edit(client: FlaskClient, notify: ServiceUnderTest, role: str = "leader", **form: str) -> int:
    return client.post(TEXT, data=form, headers=notify.headers(role, DESK) | OWN).status_code


def test_a_leader_writes_the_agencys_own_text_and_messages_use_it(
    notify: ServiceUnderTest, client: FlaskClient
) -> None:
    own = "Phường An Xuyên đã nhận hồ sơ {dossier}, hẹn {promised_at}."
    assert edit(client, notify, "clerk", action="text", text=own) == 403
    assert edit(client, notify, action="text", text="Xin chào {phone}") == 422
    assert edit(client, notify, action="text", text="   ") == 422
    assert edit(client, notify, action="text", text=own, preview="1") == 200
    assert notify.rows(overrides) == []
    for _ in range(2):
        assert edit(client, notify, action="text", text=own, diacritics="keep") == 303
    (row,) = notify.rows(overrides)
    assert (row["agency"], row["version"], row["folded"], row["changed_by"]) == (DESK, 1, False, "official-7")
    registered = event("applicant.registered", 1, dossier="D-2", email="")
    notify.apply(registered, event("dossier.received", 2, dossier="D-2"))
    sent = next(row for row in notify.rows(deliveries) if row["dossier"] == "D-2")
    assert sent["text"].startswith("Phường An Xuyên đã nhận hồ sơ D-2")
    assert sent["template_version"] == f"{DESK}/1"
    assert edit(client, notify, action="common") == 303
    assert notify.rows(overrides) == []


def test_the_preview_shows_what_an_sms_takes_folded_and_kept(notify: ServiceUnderTest, client: FlaskClient) -> None:
    page = client.get(TEXT, headers=notify.headers("clerk", DESK)).text
    assert "Ho so 000.00.14.H57-251120-0118 da duoc tiep nhan" in page
    assert "1 đoạn" in page
    assert "2 đoạn" in page


def test_a_test_goes_to_what_is_typed_and_is_limited(notify: ServiceUnderTest, client: FlaskClient) -> None:
    assert edit(client, notify, action="test", address="02438251234", form_key="a" * 20) == 422
    for number in range(10):
        form = {"action": "test", "address": "0987654321", "form_key": f"test-key-of-form-{number:04}"}
        assert edit(client, notify, **form) == 303
        assert edit(client, notify, **form) == 303, "pressed twice"
    assert edit(client, notify, action="test", address="0987654321", form_key="test-key-of-form-more") == 422
    tests = [row for row in notify.rows(deliveries) if row["kind"] == "test"]
    assert len(tests) == 10
    assert {(row["address"], row["dossier"], row["agency"]) for row in tests} == {
        ("0987654321", "test official-7", DESK)
    }
    assert send_due(notify.context, Channel.SMS) == 11
    assert len(notify.emitted("message.sent")) == 1, "a test is no message to a citizen"


def test_every_text_has_a_name_and_sample_values_for_its_preview() -> None:
    assert PLACEHOLDERS.keys() <= LABELS.keys()
    for templates in all_templates().values():
        for template in templates.values():
            seen = preview(template, "https://motcua.vn")
            assert "{" not in seen.text + seen.subject
            assert seen.text
