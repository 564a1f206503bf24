"""What clerks enter: each call is noted once, each paper's number is taken once. And complaints by SMS."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.rating.complaints.attachments.store import uploads
from services.rating.complaints.entry import commands
from services.rating.complaints.entry.tables import calls, papers
from services.rating.complaints.tables import complaints
from shared.persistence.reading_audit import reading_audit
from tests.intake.online_fixture import JPEG
from tests.rating.complaints.visitor import CENTRE, WORDS, Visitor, codes, hidden
from tests.support.events import event
from tests.support.service import ServiceUnderTest

CALL = {"began_at": "2025-11-03T07:45", "minutes": "6", "became": "complaint", "phone": "0912 345 678"}
CALL |= {"kind": "feedback", "text": WORDS, "note": "Chờ lâu ở quầy số 3"}
PAPER = {"number": "07/2025", "received_at": "2025-11-03", "kind": "feedback", "text": WORDS}
ELSEWHERE = "H12.35.01"


def test_a_call_is_noted_with_the_complaint_that_it_became_once(both: ServiceUnderTest) -> None:
    clerk = Visitor(both, "clerk")
    typed = CALL | {"id": clerk.form("hotline/new")}
    for _ in range(2):
        assert clerk.post("hotline/new", typed).status_code == 303
    code, secret = codes(clerk.get("hotline/entered").text)
    (complaint,) = both.rows(complaints)
    assert (complaint["code"], complaint["channel"], complaint["entered_by"]) == (code, "hotline", "clerk-7")
    assert complaint["received_at"] == datetime(2025, 11, 3, 0, 45, tzinfo=UTC)
    (call,) = both.rows(calls)
    assert (call["minutes"], call["outcome"], call["phone"], call["complaint"]) == (6, "complaint", "0912345678", code)
    (told,) = both.emitted("complaint.notice")
    assert told.data["code"] == secret


def test_a_call_that_became_nothing_is_noted_too(rating: ServiceUnderTest) -> None:
    clerk = Visitor(rating, "clerk")
    typed = CALL | {"id": clerk.form("hotline/new"), "became": "redirected", "text": "", "kind": ""}
    assert clerk.post("hotline/new", typed).status_code == 303
    assert "Mã tra cứu" not in clerk.get("hotline/entered").text
    assert rating.rows(complaints) == []
    assert [row["outcome"] for row in rating.rows(calls)] == ["redirected"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"began_at": "hôm qua"}, "Nhập ngày, giờ hợp lệ."),
        ({"began_at": "2025-11-03T08:01"}, "Cuộc gọi phải trong 60 ngày qua."),
        ({"minutes": "sáu"}, "Nhập số phút."),
        ({"minutes": "999"}, "Từ 0 đến 240 phút."),
        ({"became": ""}, "Chọn kết quả cuộc gọi."),
        ({"became": "answered", "note": ""}, "Ghi tóm tắt nội dung cuộc gọi."),
        ({"phone": "12"}, "Số điện thoại không đúng."),
        ({"text": ""}, "Chưa nhập nội dung."),
        ({"kind": ""}, "Chọn phản ánh hay kiến nghị."),
    ],
)
def test_a_wrong_call_notes_nothing_and_keeps_what_was_typed(
    rating: ServiceUnderTest, wrong: dict[str, str], told: str
) -> None:
    clerk = Visitor(rating, "clerk")
    answer = clerk.post("hotline/new", CALL | {"id": clerk.form("hotline/new"), "about": "quầy 3"} | wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert "quầy 3" in answer.text
    assert (rating.rows(calls), rating.rows(complaints)) == ([], [])


def test_the_log_is_of_the_own_agency_filtered_and_its_reading_is_recorded(rating: ServiceUnderTest) -> None:
    clerk = Visitor(rating, "clerk")
    for became, at in (("answered", "2025-11-02T09:00"), ("complaint", "2025-11-03T07:00")):
        typed = CALL | {"id": clerk.form("hotline/new"), "became": became, "began_at": at, "note": f"Việc {became}"}
        assert clerk.post("hotline/new", typed).status_code == 303
    assert clerk.get("hotline").text.count("6 phút") == 2
    assert "Việc answered" not in clerk.get("hotline?outcome=complaint").text
    assert "Việc complaint" not in clerk.get("hotline?until=2025-11-02").text
    assert "Việc answered" not in clerk.get("hotline?since=2025-11-03").text
    assert clerk.get("hotline?since=x&until=9999-12-31&outcome=y&after=z").text.count("6 phút") == 2
    assert "6 phút" in Visitor(rating, "leader").get("hotline").text
    assert "6 phút" not in Visitor(rating, "clerk", ELSEWHERE).get("hotline").text
    assert Visitor(rating, "officer").get("hotline").status_code == 403
    assert {row["action"] for row in rating.rows(reading_audit)} == {"hotline-calls"}


def test_what_was_said_in_old_calls_is_erased(both: ServiceUnderTest) -> None:
    clerk = Visitor(both, "clerk")
    clerk.post("hotline/new", CALL | {"id": clerk.form("hotline/new")})
    assert commands.erase_old_calls(both.context) == 0
    both.hand.pass_(timedelta(days=366))
    assert [commands.erase_old_calls(both.context) for _ in range(2)] == [1, 0]
    (call,) = both.rows(calls)
    assert (call["phone"], call["note"], call["minutes"]) == ("", "", 6)
    assert "đã xóa" in Visitor(both, "clerk").get("hotline").text


def test_a_paper_is_entered_once_by_its_number_with_its_scan(both: ServiceUnderTest) -> None:
    clerk = Visitor(both, "clerk")
    typed = PAPER | {"id": clerk.form("mailbox/new")}
    for _ in range(2):
        assert clerk.post("mailbox/new", typed, [("phieu.jpg", JPEG)]).status_code == 303
    code, _ = codes(clerk.get("mailbox/entered").text)
    (row,) = both.rows(complaints)
    assert (row["code"], row["channel"], row["anonymous"]) == (code, "mailbox", True)
    assert ("phieu.jpg", "attached") in {(row["name"], row["paper"]) for row in both.rows(uploads)}
    again = clerk.post("mailbox/new", PAPER | {"id": clerk.form("mailbox/new"), "text": "Khác", "number": " 07/2025"})
    assert again.status_code == 409
    assert f"Số phiếu này đã nhập: {code}." in again.text
    assert "Khác" in again.text
    assert len(both.rows(complaints)) == len(both.rows(papers)) == 1
    other = Visitor(both, "clerk", ELSEWHERE)
    assert other.post("mailbox/new", PAPER | {"id": other.form("mailbox/new")}).status_code == 303
    page = clerk.get("mailbox").text
    assert code in page
    assert page.count("07/2025") == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"number": " "}, "Nhập số đã ghi trên phiếu."),
        ({"number": "x" * 41}, "Nhập số đã ghi trên phiếu."),
        ({"received_at": ""}, "Nhập ngày, giờ hợp lệ."),
        ({"received_at": "2025-11-04"}, "Ngày nhận không được sau hôm nay."),
        ({"received_at": "2025-08-01"}, "Thời điểm nhận"),
        ({"text": ""}, "Chưa nhập nội dung."),
    ],
)
def test_a_wrong_paper_keeps_its_scan(rating: ServiceUnderTest, wrong: dict[str, str], told: str) -> None:
    clerk = Visitor(rating, "clerk")
    answer = clerk.post("mailbox/new", PAPER | {"id": clerk.form("mailbox/new")} | wrong, [("phieu.jpg", JPEG)])
    assert answer.status_code == 422
    assert told in answer.text
    assert "phieu.jpg" in answer.text
    assert rating.rows(papers) == []
    fixed = clerk.post("mailbox/new", PAPER | {"id": hidden(answer.text, "id")})
    assert fixed.status_code == 303
    assert [row["paper"] for row in rating.rows(uploads)] == ["attached"]


def test_an_sms_becomes_one_complaint_whose_codes_go_back(both: ServiceUnderTest) -> None:
    message, at = str(uuid.uuid4()), "2025-11-03T08:00:00+07:00"
    sent: dict[str, Any] = {"message": message, "phone": "0912345678", "text": f"{WORDS}\x07", "received_at": at}
    both.apply(event("complaint.lodged_by_sms", 1, **sent))
    both.apply(event("complaint.lodged_by_sms", 2, **sent))
    (row,) = both.rows(complaints)
    assert (row["channel"], row["agency"], row["text"], row["phone"]) == ("sms", CENTRE, WORDS, "0912345678")
    (told,) = both.emitted("complaint.notice")
    assert (told.data["kind"], told.data["complaint"], told.data["phone"]) == ("lodged", row["code"], "0912345678")
    assert told.data["code"]
