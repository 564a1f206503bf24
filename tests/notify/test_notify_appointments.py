"""What citizens are told about appointments, and that it is forgotten when it is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from services.notify.channels.sms_segments import count_segments
from services.notify.contacts.store import contacts
from services.notify.delivery.store import deliveries
from shared.contracts import REGISTRY
from tests.support.events import event
from tests.support.service import ServiceUnderTest

BOOKED, MOVED, CANCELLED = "appointment.booked", "appointment.moved", "appointment.cancelled"
ID = REGISTRY.by_name[BOOKED].example["appointment"]
CODE = REGISTRY.by_name[BOOKED].example["code"]


def rows(notify: ServiceUnderTest) -> list[dict[str, Any]]:
    return sorted(notify.rows(deliveries), key=lambda row: (row["created_at"], row["kind"]))


def test_each_change_of_an_appointment_is_told_once(both: ServiceUnderTest) -> None:
    both.apply(event(MOVED, 2))  # before the number is known
    assert both.retry_rows() == [("waiting", "not_yet")]
    booked = event(BOOKED, 1)
    both.apply(booked, booked)
    both.applier.retry_due()
    told = {row["kind"]: row for row in rows(both)}
    assert (told["appointment_booked"]["state"], told["appointment_moved"]["state"]) == ("skipped", "queued")
    assert (
        "chuyen sang A012: 09:00 24/11/2025, Trung tam Phuc vu hanh chinh cong phuong An Xuyen"
        in told["appointment_moved"]["text"]
    )
    assert CODE not in told["appointment_moved"]["text"]
    assert told["appointment_moved"]["secret_parts"].endswith(f'/intake/a/{CODE}"}}')
    assert told["appointment_moved"]["address"] == "0912345678"
    both.apply(event(CANCELLED, 3))
    assert [row["state"] for row in rows(both)] == ["skipped", "skipped"]
    both.apply(event(CANCELLED, 4, id="closed", cause="closed"))
    assert [row["kind"] for row in rows(both) if row["state"] == "queued"] == ["appointment_cancelled"]
    stranger = event(BOOKED, 5, id="another", phone="0987654321")
    assert both.apply(stranger).parked == 1
    both.apply(replace(event("appointment.erased", 6, id="erased"), key="other"))
    assert [row["phone"] for row in both.rows(contacts)] == [""]
    assert {(row["address"], row["text"], row["secret_parts"]) for row in rows(both)} == {(None, "", None)}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_messages_fit_two_segments_and_reminders_come_before_the_visit(notify: ServiceUnderTest, language: str) -> None:
    names = (BOOKED, MOVED, "appointment.reminder_due")
    notify.apply(*(event(name, number + 1, language=language) for number, name in enumerate(names)))
    notify.apply(event(MOVED, 4, id="by the citizen", cause="citizen", language=language))
    notify.apply(event(CANCELLED, 5, cause="closed", language=language))
    found = rows(notify)
    assert len(found) == len(names) + 2
    for row in found:
        text = (orjson.loads(row["secret_parts"] or "{}").get("text") or row["text"]).replace(
            "{public_url}", "https://motcua.camau.gov.vn"
        )
        if row["state"] == "queued":
            assert count_segments(text).count <= 2, text
    late = event("appointment.reminder_due", 6, id="late", slot_start="2025-11-01T09:00:00+07:00")
    notify.apply(late)
    assert len(rows(notify)) == len(found)
