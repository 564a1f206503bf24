"""A complaint in a real browser, by four people from filing to publication, on a phone and on a desktop, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from services.rating.app import create_app
from shared.auth import issue_token
from tests.rating.complaints.complaint_fixture import ANSWER, DESK, HANDLER, LEADER, OTHER, TEXT, WHO, Office
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served

pytestmark = pytest.mark.browser
WORK = "/rating/complaint-handling"


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    with served(office.rating.app(create_app)) as found:
        yield found


def page_of(office: Office, page_at: PageAt, width: int, subject: str, role: str) -> Page:
    """A browser in which an official has signed in."""
    token = issue_token(office.rating.context.settings.auth, subject, role, DESK)
    headers = {"Authorization": f"Bearer {token}"}
    return page_at(width, java_script_enabled=False, extra_http_headers=headers)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def fits(page: Page, width: int, name: str) -> None:
    assert page_width(page) <= width, name
    screenshot(page, f"complaint-{name}-{width}")


def file_complaint(citizen: Page, address: str) -> str:
    """A citizen fills in the form; returns the code that the page tells."""
    citizen.goto(f"{address}/rating/feedback/new")
    citizen.get_by_label(re.compile("Phản ánh –")).check()
    citizen.get_by_label("Nội dung", exact=True).fill(TEXT)
    citizen.get_by_label("Gửi đến cơ quan").select_option(DESK)
    citizen.get_by_label("Cán bộ liên quan").fill("Cán bộ quầy 3")
    citizen.get_by_label("Họ và tên").fill(WHO.name)
    citizen.get_by_label("Số điện thoại").fill(WHO.phone)
    press(citizen, "Gửi")
    found = re.search(r"PA-[A-Z0-9.]+-\d{4}-\d{5}", citizen.inner_text("main"))
    assert found is not None
    return found[0]


def open_from(page: Page, address: str, queue: str, code: str) -> None:
    """An official opens a complaint from one of their queues."""
    page.goto(f"{address}{WORK}?queue={queue}")
    page.get_by_role("link", name=code).click()


@pytest.mark.parametrize("width", [390, 1280])
def test_four_people_lead_a_complaint_from_filing_to_publication(
    office: Office, address: str, page_at: PageAt, width: int
) -> None:
    citizen = page_at(width, java_script_enabled=False)
    code = file_complaint(citizen, address)

    leader = page_of(office, page_at, width, LEADER, "leader")
    leader.goto(f"{address}{WORK}")
    fits(leader, width, "list")
    leader.get_by_role("link", name=code).click()
    fits(leader, width, "lodged")
    leader.get_by_text("Giao xử lý", exact=True).first.click()
    leader.get_by_label("Cán bộ xử lý").select_option(HANDLER)
    press(leader, "Giao")
    assert "Đã lưu." in leader.inner_text("main")

    handler = page_of(office, page_at, width, HANDLER, "officer")
    open_from(handler, address, "mine", code)
    handler.get_by_text("Dự thảo trả lời", exact=True).first.click()
    handler.get_by_label("Nội dung trả lời").fill(ANSWER)
    press(handler, "Trình lãnh đạo")
    assert "Duyệt và gửi" not in handler.inner_text("main")

    open_from(leader, address, "to_approve", code)
    fits(leader, width, "drafted")
    leader.get_by_text("Duyệt trả lời", exact=True).first.click()
    press(leader, "Duyệt và gửi")

    publisher = page_of(office, page_at, width, OTHER, "clerk")
    open_from(publisher, address, "to_publish", code)
    publisher.get_by_label("Nội dung phản ánh để công khai").fill(f"Bà {WHO.name} chờ lâu.")
    press(publisher, "Công khai")
    assert "Có thể còn thông tin cá nhân" in publisher.inner_text("main")
    fits(publisher, width, "warned")
    publisher.get_by_label("Nội dung phản ánh để công khai").fill("Chờ lâu ở quầy số 3.")
    press(publisher, "Công khai")
    assert "Đã công khai" in publisher.inner_text("main")
    fits(publisher, width, "published")

    citizen.goto(f"{address}/rating/feedback/mine")
    assert ANSWER in citizen.inner_text("main")
    reader = page_at(width, java_script_enabled=False)
    reader.goto(f"{address}/rating/feedback?q=cho+lau")
    reader.get_by_role("link", name="Chờ lâu ở quầy số 3.").click()
    shown = reader.inner_text("main")
    assert ANSWER in shown
    assert not [word for word in (WHO.name, WHO.phone, TEXT) if word in shown]
    leader.goto(f"{address}{WORK}/register")
    assert code in leader.inner_text("main")
    fits(leader, width, "register")
