"""What complainants are told, and complaints by SMS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.notify.channels.sms_segments import count_segments
from services.notify.contacts.store import contacts
from services.notify.delivery.store import deliveries
from services.notify.inbound.store import inbound
from shared.contracts import REGISTRY
from shared.contracts.complaints import NOTICES
from tests.notify.inbound.test_inbound_messages import write
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NOTICE = "complaint.notice"
EXAMPLE = REGISTRY.by_name[NOTICE].example
WORDS = "Tôi chờ ở quầy số 3:\nđã hai giờ, chưa được gọi!"


def told(notify: ServiceUnderTest) -> list[dict[str, Any]]:
    return [row for row in notify.rows(deliveries) if row["kind"] == "complaint_notice"]


def notices(**changes: Any) -> list[Any]:
    """One of each kind."""
    changes = {"due_at": EXAMPLE["due_at"]} | changes
    return [
        event(NOTICE, number, id=f"notice-{number}", kind=kind, **changes) for number, kind in enumerate(NOTICES, 1)
    ]


def test_each_notice_is_told_once_and_forgotten_when_rating_says_so(both: ServiceUnderTest) -> None:
    lodged = event(NOTICE, 1)
    both.apply(lodged, lodged)
    (sent,) = told(both)
    assert (sent["channel"], sent["address"], sent["state"]) == ("sms", "0912345678", "queued")
    assert EXAMPLE["code"] not in sent["text"]
    assert f"ma tra cuu {EXAMPLE['code']}. Tra loi truoc 17:00 24/12/2025" in sent["secret_parts"]
    both.apply(event(NOTICE, 2, id="answered", kind="answered", code=""))
    assert len(told(both)) == 2
    assert both.apply(event(NOTICE, 3, id="stranger", phone="0987654321")).parked == 1
    both.apply(event("complaint.erased", 4, id="erased", complaint="another"))
    assert {row["phone"] for row in both.rows(contacts)} == {"0912345678"}
    both.apply(replace(event("complaint.erased", 5, id="erased 2"), key="not behind what is parked"))
    assert {(row["phone"], row["email"]) for row in both.rows(contacts)} == {("", "")}
    assert {(row["address"], row["text"], row["secret_parts"]) for row in told(both)} == {(None, "", None)}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("due_at", [EXAMPLE["due_at"], None])
def test_each_notice_fits_two_segments_also_without_a_day(
    notify: ServiceUnderTest, language: str, due_at: str | None
) -> None:
    notify.apply(*notices(language=language, due_at=due_at))
    found = told(notify)
    assert len(found) == len(NOTICES)
    assert {count_segments(row["text"]).encoding for row in found} == {"gsm-7"}
    assert {row["text"] for row in found if count_segments(row["text"]).count > 2} == set()


def test_who_has_only_an_e_mail_address_gets_an_e_mail(notify: ServiceUnderTest) -> None:
    notify.apply(*notices(phone=""))
    assert {(row["channel"], row["address"], row["state"]) for row in told(notify)} == {
        ("email", "nguoi.dan@example.vn", "queued")
    }


def test_a_complaint_by_sms_goes_to_rating_once_and_is_kept_nowhere_here(both: ServiceUnderTest) -> None:
    assert write(both, f"Phản ánh: {WORDS}") == ""
    (passed,) = both.emitted("complaint.lodged_by_sms")
    assert (passed.data["phone"], passed.data["text"]) == ("0987654321", WORDS)
    (kept,) = both.rows(inbound)
    assert (kept["state"], kept["reply"], kept["text"], kept["agency"]) == (
        "answered",
        "complaint_passed_on",
        "complain",
        "",
    )
    assert passed.data["message"] == kept["id"]


def test_a_complaint_without_words_is_told_how_to_write_it(notify: ServiceUnderTest) -> None:
    assert "soan: PA va noi dung" in write(notify, "PAKN")
    assert "soan: PA va noi dung" in write(notify, "PA \u200b")
    assert notify.emitted("complaint.lodged_by_sms") == []


def test_who_has_stopped_sms_gets_the_codes_of_a_complaint_and_no_later_news(notify: ServiceUnderTest) -> None:
    assert "se khong nhan tin nhan" in write(notify, "TUCHOI", sender="+84912345678")
    notify.apply(*notices(email=""))
    assert {row["state"] for row in told(notify) if "ma tra cuu" in row["text"]} == {"queued"}
    assert {row["state"] for row in told(notify) if "ma tra cuu" not in row["text"]} == {"skipped"}
