"""The pages of counter and reception: a clerk serves visitors without JavaScript, and in a real browser by keyboard alone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from services.intake.tickets.states import State
from tests.intake.counter_clerk import FILLED, FORM, Clerk, fields_of
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page

COUNTER, RECEPTION = "/intake/counter/1", "/intake/reception"


def press(clerk: Clerk, do: str, path: str = COUNTER, **typed: str) -> Any:
    """Presses a button of a page as a browser does; what it leads to, or the page with what was wrong."""
    return follow(clerk, send(clerk, clerk.get(path), do, **typed))


def send(clerk: Clerk, page: Any, do: str, **typed: str) -> Any:
    """Sends the form of a page that a button belongs to."""
    for form in read_page(page.text).all("form"):
        if any((one.get("name"), one.get("value")) == ("do", do) for one in form.all("button", "input")):
            fields = {one.get("name"): one.get("value") for one in form.all("input")}
            return clerk.send(form.get("action"), **fields | {"do": do} | typed)
    raise AssertionError(f"no button {do}")


def follow(clerk: Clerk, answer: Any) -> Any:
    """The page to which an answer leads."""
    return clerk.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def give(clerk: Clerk, group: str = "land", priority: str = "") -> Any:
    """The slip of a new visitor."""
    form = fields_of(clerk.get(RECEPTION), "group")
    answer = clerk.send(RECEPTION, **{**form, "group": group, "priority": priority})
    again = clerk.send(RECEPTION, **{**form, "group": group, "priority": priority})
    assert answer.headers["Location"] == again.headers["Location"], "a button pressed twice gives one number"
    return follow(clerk, answer)


def test_a_visitor_gets_a_number_is_called_and_files_two_dossiers(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    assert "Chọn nhóm thủ tục" in clerk.send(RECEPTION, **fields_of(clerk.get(RECEPTION), "group")).text
    slip = give(clerk).text
    for told in ("A001", "Đất đai", "Chưa có ai chờ trước", "chưa đủ số liệu"):
        assert told in slip
    give(clerk, priority="merit")
    assert "Mở quầy 1" in clerk.get("/intake/counter").text
    assert "Quầy đang trống" in press(clerk, "open", "/intake/counter").text
    assert clerk.get("/intake/counter").headers["Location"] == COUNTER, "another session of the clerk finds the counter"
    intake.advance(timedelta(minutes=12))
    called = press(clerk, "next").text
    assert "A002" in called
    assert "Người có công với cách mạng" in called
    asked = clerk.get(COUNTER)
    twice = [send(clerk, asked, "begin") for _ in range(2)]
    assert [answer.status_code for answer in twice] == [303, 303]
    stale = send(clerk, asked, "miss")
    assert (stale.status_code, "Đang được phục vụ" in stale.text) == (409, True)
    start = clerk.get("/intake/desk")
    ticket = fields_of(start, "ticket")["ticket"]
    assert clerk.get(f"/intake/desk?q=1.013831&ticket={ticket}").headers["Location"].endswith(f"?ticket={ticket}")
    for number in range(2):
        typed = FILLED | {"ticket": ticket, "same_asked": "1", "same_seen": "1"}
        typed["applicant.id_number"] = ("095185001234", "095083004321")[number]
        asked = clerk.send(FORM, "review", **typed)
        assert fields_of(asked)["ticket"] == ticket
        sent = fields_of(asked)
        filed, again = (clerk.send(FORM, "confirm", **sent) for _ in range(2))
        assert filed.headers["Location"] == again.headers["Location"]
        assert f"ticket={ticket}" in filed.headers["Location"]
        assert "Về quầy" in follow(clerk, filed).text
    alone = clerk.file(**FILLED | {"applicant.id_number": "079085001234"})
    assert "ticket" not in alone.headers["Location"], "a filing without a visit is as before"
    codes = sorted(row["code"] for row in intake.rows("dossier"))
    assert {(row["ticket_id"], row["dossier_code"]) for row in intake.rows("ticket_dossier")} == {
        (ticket, code) for code in codes[:2]
    }
    shown = clerk.get(COUNTER).text
    assert all((code in shown) == (code in codes[:2]) for code in codes)
    missing = press(clerk, "transfer", group="general", reason=" ")
    assert (missing.status_code, "Vui lòng ghi lý do chuyển" in missing.text) == (422, True)
    moved = press(clerk, "transfer", group="general", reason="Cần cấp bản sao trước")
    assert "Đã chuyển số A002" in moved.text
    assert "Đang được gọi" in press(clerk, "next").text
    assert "bàn hướng dẫn cho chờ lại được một lần" in press(clerk, "miss").text
    assert "Hiện chưa có ai để gọi" in press(clerk, "next").text
    back = press(clerk, "requeue", RECEPTION)
    [missed] = [row for row in intake.rows("ticket") if row["requeued_at"]]
    assert (missed["state"], "Số A001 chờ lại" in back.text) == ("issued", True)
    assert "Đã hủy số A002" in press(clerk, "cancel", RECEPTION).text
    closed = press(clerk, "close")
    assert "Mở quầy 1" in closed.text


def test_the_line_renews_itself_cheaply_and_only_for_the_desks_own_staff(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake)
    give(clerk)
    path = f"{COUNTER}/waiting.json"
    first = clerk.get(path)
    assert "A001" in first.json["html"]
    headers = {"If-None-Match": first.headers["ETag"]}
    assert clerk.client.get(path, headers=headers).status_code == 304
    give(clerk)
    assert "A002" in clerk.client.get(path, headers=headers).json["html"]
    sqlite_intake.advance(timedelta(minutes=1))
    assert clerk.client.get(path, headers={"If-None-Match": clerk.get(path).headers["ETag"]}).status_code == 304
    elsewhere = Clerk(sqlite_intake, OTHER_DESK)
    assert "A001" not in elsewhere.get(path).json["html"]
    [own, _] = sqlite_intake.rows("ticket")
    assert elsewhere.get(f"{RECEPTION}/tickets/{own['id']}").status_code == 403
    assert elsewhere.send(f"{RECEPTION}/tickets/{own['id']}", do="cancel", form_key="k").status_code == 404
    assert Clerk(sqlite_intake, "H12.14.02").get(RECEPTION).status_code == 403, "no one-stop desk"
    leader = Clerk(sqlite_intake, DESK, "leader", "leader-1")
    press(clerk, "open")
    assert "Nhận lại quầy" in leader.get(COUNTER).text
    press(leader, "take_over")
    assert "Cán bộ khác đang mở quầy này" in clerk.get(COUNTER).text
    assert re.search(r"leader-1.{0,40}", clerk.get("/intake/counter").text)


@pytest.mark.browser
def test_a_clerk_calls_and_serves_by_keyboard_alone(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    intake = sqlite_intake
    page = page_at(1280, extra_http_headers=intake.token())
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    keys = page.keyboard
    page.goto(f"{address}{RECEPTION}")
    keys.press("Space")
    screenshot(page, "reception-1280")
    keys.press("F4")
    page.get_by_role("heading", name="Số thứ tự A001").wait_for()
    page.emulate_media(media="print")
    screenshot(page, "slip-print")
    page.emulate_media(media="screen")
    keys.press("F2")
    page.get_by_text("Đang chờ: 1").wait_for()
    page.goto(f"{address}/intake/counter")
    screenshot(page, "counters-1280")
    keys.press("1")
    page.get_by_role("heading", name="Quầy đang trống").wait_for()
    clerk = Clerk(intake)
    give(clerk, priority="elderly")
    page.locator("[data-renew] strong", has_text="A002").wait_for()  # renewed by itself
    screenshot(page, "counter-line-1280")
    keys.press("F4")
    page.get_by_role("heading", name="Đang được gọi").wait_for()
    assert "A002" in page.inner_text(".called")
    keys.press("F8")
    page.get_by_text("đã gọi 2 lần").wait_for()
    keys.press("F4")
    page.get_by_role("heading", name="Đang được phục vụ").wait_for()
    screenshot(page, "counter-serving-1280")
    keys.press("F6")
    page.locator("#f-group:focus").wait_for()
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.type("Cần nộp thuế trước")
    press(clerk, "next")  # the clerk's other window goes on meanwhile
    keys.press("Tab")
    keys.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "Số này không còn ở quầy" in page.inner_text("[role=alert]")
    assert "A001" in page.inner_text(".called")
    page.goto(f"{address}{COUNTER}")
    keys.press("F7")
    page.get_by_text("Đã ghi vắng mặt").wait_for()
    keys.press("F10")
    page.get_by_role("heading", name="Đang tạm nghỉ").wait_for()
    page.set_viewport_size({"width": 320, "height": 700})
    assert page_width(page) <= 320
    assert {row["state"] for row in intake.rows("ticket")} == {State.SERVED, State.MISSED}
    assert errors == ["Failed to load resource: the server responded with a status of 409 (CONFLICT)"]
