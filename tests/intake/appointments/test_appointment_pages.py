"""The pages of appointments: booking step by step, one's own appointment, and the desk's pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from services.intake.appointments import sweeps
from services.intake.appointments.throttle import MOST_OF_ADDRESS
from tests.intake.desk_clerk import Clerk, Visitor, confirmation, faulty_fields
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, page_width, screenshot

SLOT = f"/intake/appointments/desks/{DESK}/land/20251124T0900"
MINE = "/intake/appointments/mine"
CLOSINGS, TODAY = "/intake/appointments/closings", "/intake/appointments/today"


def booked(intake: IntakeService, number: int = 1, path: str = SLOT) -> Visitor:
    """The browser of somebody who has just booked."""
    visitor = Visitor(intake)
    answer = visitor.confirm(path, phone=f"09123456{number:02}")
    assert (answer.status_code, answer.headers["Location"]) == (303, MINE), answer.text
    return visitor


def code_of(visitor: Visitor) -> str:
    found = re.search(r"<dd>([A-Z2-9]{5}) ([A-Z2-9]{5})</dd>", visitor.get(MINE).text)
    assert found
    return found[1] + found[2]


def test_a_booking_is_asked_once_more_made_once_and_shown_with_its_file(sqlite_intake: IntakeService) -> None:
    visitor = Visitor(sqlite_intake)
    assert faulty_fields(visitor.send(SLOT, phone="0290")) == ["phone"]
    asked = visitor.send(SLOT, phone="0912 345 678")
    assert "0912345678" in asked.text
    typed = confirmation(asked)
    assert "0912 345 678" in visitor.send(SLOT, **typed | {"edit": "1"}).text
    places = [visitor.send(SLOT, **typed).headers["Location"] for _ in range(2)]
    assert places == [MINE, MINE]
    assert len(sqlite_intake.rows("appointment")) == 1
    page = visitor.get(MINE)
    assert "A001" in page.text
    assert "0912" not in page.text
    (event,) = Calendar.from_ical(visitor.get(f"{MINE}.ics").data).walk("VEVENT")
    assert "A001" in str(event["summary"])
    code = code_of(visitor)
    other = Visitor(sqlite_intake)
    assert other.get(MINE).headers["Location"] == "/intake/appointments/find"
    assert other.send("/intake/appointments/find", code="AAAAA22222").status_code == 404
    assert other.get(f"/intake/a/{code}").headers["Location"] == MINE
    assert "A001" in other.get(MINE).text
    for who, status in ((other, 303), (visitor, 303)):
        assert who.send(f"{MINE}/cancel", confirmed="1", form_key=f"cancel-{status}").status_code == status
    assert "Đặt lịch hẹn khác" in visitor.get(MINE).text
    assert len(sqlite_intake.emitted("appointment.cancelled")) == 1


def test_a_time_that_was_taken_meanwhile_leads_to_the_others_and_keeps_the_number(sqlite_intake: IntakeService) -> None:
    late = Visitor(sqlite_intake)
    typed = confirmation(late.send(SLOT, phone="0987654321"))
    visitors = [booked(sqlite_intake, number) for number in range(3)]
    full = late.send(SLOT, **typed)
    assert full.status_code == 409
    assert "vừa hết chỗ" in full.text
    other = SLOT.replace("0900", "0930")
    assert f'href="{other}"' in full.text
    assert 'value="0987654321"' in late.get(other).text
    moved = visitors[0].confirm(f"{MINE}/move/20251125T0730")
    assert moved.headers["Location"] == MINE
    assert "07:30–08:00" in visitors[0].get(MINE).text
    assert late.send(SLOT, **confirmation(late.send(SLOT, phone="0987654321"))).status_code == 303
    assert visitors[1].get("/intake/appointments/desks/nowhere").status_code == 404


def test_one_address_cannot_book_all_day(sqlite_intake: IntakeService) -> None:
    visitor = Visitor(sqlite_intake)
    path = SLOT.replace("0900", "0730")
    answers = [
        visitor.send(path, phone="0290000000", confirmed="1", form_key=f"k{number}").status_code for number in range(3)
    ]
    assert answers == [422] * 3  # a number that is none is not counted
    typed = {"phone": "0912345678", "confirmed": "1"}
    found = [visitor.send(path, form_key=f"n{number}", **typed) for number in range(MOST_OF_ADDRESS + 1)]
    assert [answer.status_code for answer in found[:3]] == [303, 303, 422]
    assert found[-1].status_code == 429
    assert int(found[-1].headers["Retry-After"]) > 0
    sqlite_intake.advance(timedelta(minutes=16))
    assert visitor.send(path, form_key="later", **typed).status_code == 422


def test_the_desk_sees_who_comes_checks_in_and_closes_a_day(sqlite_intake: IntakeService) -> None:
    visitors = [booked(sqlite_intake, number) for number in range(2)]
    clerk, leader = Clerk(sqlite_intake), Clerk(sqlite_intake, "H12.31", "leader")
    assert "24/11/2025: 2" in clerk.get(TODAY).text
    assert Clerk(sqlite_intake, OTHER_DESK).get(f"{TODAY}?desk={DESK}").status_code == 403
    typed = {"desk": DESK, "closed_on": "2025-11-24", "from_time": "", "until_time": "12:00", "reason": "Mất điện"}
    assert faulty_fields(leader.send(CLOSINGS, **typed | {"until_time": "25:00", "reason": ""})) == ["until_time"]
    asked = leader.send(CLOSINGS, **typed)
    assert "2 lịch hẹn" in asked.text
    assert leader.send(CLOSINGS, **confirmation(asked)).status_code == 303
    assert sweeps.move_closed(sqlite_intake.context) == 2
    assert "đã được chuyển" in visitors[0].get(MINE).text
    (closing,) = sqlite_intake.rows("desk_closing")
    for _ in range(2):
        answer = clerk.send(CLOSINGS, desk=DESK, action="reopen", id=closing["id"])
        assert answer.status_code == 303
    assert "Hiện không có" in clerk.get(f"{CLOSINGS}?desk={DESK}").text
    sqlite_intake.advance(timedelta(days=4, hours=5))
    code = code_of(visitors[0])
    assert clerk.send(TODAY, desk=DESK, code=f"http://localhost/intake/a/{code}").status_code == 303
    waiting = next(one for one in sqlite_intake.rows("appointment") if one["state"] == "booked")
    assert clerk.send(TODAY, desk=DESK, id=waiting["id"]).status_code == 303
    assert clerk.send(TODAY, desk=DESK, code="AAAAA22222").status_code == 404
    assert [one["state"] for one in sqlite_intake.rows("appointment")] == ["arrived", "arrived"]


def test_who_missed_the_visit_and_waits_again_is_not_shown_as_missing(sqlite_intake: IntakeService) -> None:
    booked(sqlite_intake)
    sqlite_intake.advance(timedelta(days=4, hours=6))
    (ticket,) = sqlite_intake.rows("ticket")
    assert sweeps.note_missed(sqlite_intake.context) == 1
    clerk = Clerk(sqlite_intake)
    assert "Vắng" in clerk.get(TODAY).text
    assert clerk.send(f"/intake/reception/tickets/{ticket['id']}", do="requeue", form_key="once").status_code == 303
    shown = clerk.get(TODAY).text
    assert "Đến muộn" in shown
    assert "Vắng" not in shown
    assert "Có mặt" not in shown


def test_the_menu_leads_a_leader_without_a_desk_to_a_page_that_says_so(sqlite_intake: IntakeService) -> None:
    leader = Clerk(sqlite_intake, "H12.14.02", "leader")
    answer = leader.get(TODAY)
    assert answer.status_code == 200
    assert "không có Bộ phận Một cửa" in answer.text
    assert leader.get(f"{TODAY}?desk={DESK}").status_code == 403


@pytest.mark.browser
def test_a_citizen_books_on_a_phone_without_scripts(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    page: Page = page_at(390, java_script_enabled=False)

    def look(name: str) -> None:
        page.locator("h1").wait_for()
        assert page_width(page) <= 390, name
        screenshot(page, f"appointment-{name}-390")

    page.goto(f"{address}/intake/procedures/{LAND}")
    page.get_by_role("link", name="Đặt lịch hẹn", exact=True).click()
    page.get_by_label("Tìm theo tên").fill("phuoc long")
    look("desk")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="xã Phước Long").click()
    look("day")
    expect(page.get_by_text("nghỉ hằng tuần").first).to_be_visible()
    page.get_by_role("link", name="Thứ Hai, 24/11/2025").click()
    look("time")
    page.get_by_role("link", name="09:00–09:30").click()
    page.get_by_label("Số điện thoại di động").fill("123")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("alert").wait_for()
    look("refused")
    page.get_by_label("Số điện thoại di động").fill("0912 345 678")
    page.get_by_role("button", name="Tiếp tục").click()
    look("check")
    page.get_by_role("button", name="Đặt lịch hẹn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đặt lịch hẹn")
    look("booked")
    expect(page.get_by_role("img", name="Mã QR để báo có mặt")).to_be_visible()
    page.get_by_role("link", name="Đổi giờ hẹn").click()
    page.get_by_role("link", name="Thứ Ba, 25/11/2025").click()
    look("move")
    page.get_by_role("button", name="07:30–08:00").click()
    page.get_by_role("button", name="Đổi giờ hẹn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đổi giờ hẹn")
    page.get_by_role("link", name="Hủy lịch hẹn").click()
    page.get_by_role("button", name="Hủy lịch hẹn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã hủy lịch hẹn")
    look("cancelled")
    assert [one["state"] for one in sqlite_intake.rows("appointment")] == ["cancelled"]
