"""The desk's pages of applications in a browser: list, answers with their confirmation, and a parcel from registration to return."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from services.intake.applications.domain import SubmittedPaper, Upload
from services.intake.components import EXTENSION
from tests.intake.service_fixture import LAND, OTHER_DESK, IntakeService
from tests.intake.test_intake_submission import submission, submit
from tests.support.browser import PageAt, page_width, press_back, screenshot

WIDTHS = (390, 1280)


def no_sideways_scrolling(page: Any, width: int) -> None:
    assert page_width(page) <= width


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_a_clerk_asks_once_takes_the_papers_and_accepts(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    code = submit(sqlite_intake, submission())["code"]
    sqlite_intake.advance(timedelta(hours=3))
    page = page_at(width, extra_http_headers=sqlite_intake.token())
    page.goto(f"{address}/intake/applications")
    assert "Đã chờ quá 2 giờ" in page.inner_text("main")
    no_sideways_scrolling(page, width)
    screenshot(page, f"intake-applications-{width}")
    page.get_by_role("link", name=code).click()
    assert "trang 1.jpg" in page.inner_text("main")
    no_sideways_scrolling(page, width)
    screenshot(page, f"intake-application-{width}")
    page.get_by_role("link", name="Yêu cầu bổ sung").click()
    page.get_by_label("Lý do").fill("Ảnh chụp bị mờ.")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("alert").get_by_role("link", name="Giấy tờ cần bổ sung").wait_for()
    assert page.get_by_label("Lý do").input_value() == "Ảnh chụp bị mờ.", "nothing typed is lost"
    page.get_by_label("Giấy tờ khác, mỗi dòng một giấy tờ").fill("Bản vẽ thửa đất\nTờ khai thuế")
    screenshot(page, f"intake-application-ask-{width}")
    page.get_by_role("button", name="Tiếp tục").click()
    assert "Tờ khai thuế" in page.inner_text("main")
    assert sqlite_intake.emitted("application.supplement_requested") == [], "asked about first"
    page.get_by_role("button", name="Gửi yêu cầu").click()
    assert page.get_by_role("status").inner_text() == "Đã gửi yêu cầu bổ sung cho người nộp."
    (asked,) = sqlite_intake.emitted("application.supplement_requested")
    assert asked["data"]["papers"] == ["Bản vẽ thửa đất", "Tờ khai thuế"]
    page.get_by_role("link", name="Ghi nhận giấy tờ bổ sung").click()
    page.get_by_label("Giấy tờ khác, mỗi dòng một giấy tờ").fill("Bản vẽ thửa đất")
    page.get_by_role("button", name="Ghi nhận").click()
    accept = page.get_by_role("main").get_by_role("link", name="Tiếp nhận", exact=True)
    accept.wait_for()
    assert page.get_by_role("link", name="Yêu cầu bổ sung").count() == 0, "once only"
    accept.click()
    page.get_by_role("button", name="Tiếp nhận hồ sơ").click()
    page.get_by_role("link", name="Xem hồ sơ đã tiếp nhận").click()
    assert "Trực tuyến" in page.inner_text("main")
    no_sideways_scrolling(page, width)


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_a_clerk_registers_a_parcel_and_refuses_it(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    page = page_at(width, extra_http_headers=sqlite_intake.token())
    page.goto(f"{address}/intake/applications")
    page.get_by_role("link", name="Ghi nhận bưu gửi").click()
    page.get_by_label("Thủ tục nào?").fill("chuyen nhuong dat")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("main").get_by_role("listitem").first.wait_for()
    page.goto(f"{address}/intake/applications/parcel?procedure={LAND}&case=transfer")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("alert").get_by_role("link", name="Số bưu gửi").wait_for()
    page.get_by_label("Số bưu gửi").fill("rb 123456789 vn")
    page.get_by_label("Người gửi, địa chỉ ghi trên bưu gửi").fill("Trần Văn Cam, Vĩnh Long")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Họ tên người nộp hoặc tên tổ chức").fill("Trần Văn Cam")
    page.get_by_label("Số giấy tờ", exact=True).fill("095185001299")
    page.get_by_label("Số điện thoại").fill("0912345679")
    page.get_by_label("Địa chỉ nhận kết quả").fill("Ấp 3, Vĩnh Long")
    no_sideways_scrolling(page, width)
    screenshot(page, f"intake-parcel-{width}")
    page.get_by_role("button", name="Tiếp tục").click()
    assert "Còn thiếu giấy tờ bắt buộc" in page.inner_text("main")
    no_sideways_scrolling(page, width)
    screenshot(page, f"intake-parcel-confirm-{width}")
    page.get_by_role("button", name="Quay lại sửa tiếp").click()
    assert page.get_by_label("Số bưu gửi").input_value() == "rb 123456789 vn"
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Ghi nhận bưu gửi").click()
    assert "Mã bí mật để tra cứu" in page.inner_text("main")
    page.get_by_role("link", name="Xem xét hồ sơ này").click()
    page.get_by_role("main").get_by_role("link", name="Tiếp nhận", exact=True).click()
    assert "chưa tiếp nhận được" in page.inner_text("main")
    press_back(page, "/accept")
    page.get_by_role("link", name="Từ chối").click()
    page.get_by_label("Lý do").fill("Không thuộc thẩm quyền.")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Từ chối hồ sơ").click()
    page.get_by_role("link", name="Ghi số bưu gửi hoàn trả").click()
    page.get_by_label("Số bưu gửi hoàn trả").fill("RB99900VN")
    page.get_by_role("button", name="Ghi số bưu gửi").click()
    assert "RB99900VN" in page.inner_text("main")
    screenshot(page, f"intake-application-refused-{width}")
    (sent,) = sqlite_intake.emitted("dossier.sent_back")
    assert sent["data"]["parcel"] == "RB99900VN"


def test_an_answer_is_given_once_and_only_at_the_desk(sqlite_intake: IntakeService) -> None:
    code = submit(sqlite_intake, submission())["code"]
    path = f"/intake/applications/{code}/accept"
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    elsewhere = sqlite_intake.client.post(
        path, data={"form_key": "k"}, headers=headers | sqlite_intake.token(agency=OTHER_DESK)
    )
    assert elsewhere.status_code == 403
    for _ in range(2):
        answer = sqlite_intake.client.post(path, data={"form_key": "k"}, headers=headers | sqlite_intake.token())
        assert answer.status_code == 303, answer.text
    late = sqlite_intake.client.post(path, data={"form_key": "other"}, headers=headers | sqlite_intake.token())
    assert late.status_code == 409
    assert "Hồ sơ đang ở trạng thái: Được tiếp nhận." in late.text
    assert len(sqlite_intake.emitted("dossier.received")) == 1


def test_the_desk_opens_the_uploaded_files_and_nobody_else_does(sqlite_intake: IntakeService) -> None:
    photo = Upload("0198f0a2-7a3c-7c11-8d60-0c6f2a8a2b11", "ab" * 32, 5, "image/jpeg", "trang 1.jpg")
    papers = [
        SubmittedPaper("application"),
        SubmittedPaper("certificate", 1, (photo,)),
        SubmittedPaper("contract"),
    ]
    code = submit(sqlite_intake, submission(papers=papers))["code"]
    storage = sqlite_intake.client.application.extensions[EXTENSION].storage
    storage.put(photo.key, io.BytesIO(b"photo"), 5)
    path = f"/intake/applications/{code}/files/{photo.key}"
    page = sqlite_intake.client.get(f"/intake/applications/{code}", headers=sqlite_intake.token()).text
    assert path in page
    answer = sqlite_intake.client.get(path, headers=sqlite_intake.token())
    assert (answer.status_code, answer.data) == (200, b"photo")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    elsewhere = sqlite_intake.client.get(path, headers=sqlite_intake.token(agency=OTHER_DESK))
    assert elsewhere.headers["Location"].startswith(f"/intake/dossiers/{code}/access"), "a reason is asked for first"
    other = path.replace("2b11", "2b12")
    storage.put(other.rsplit("/", 1)[-1], io.BytesIO(b"other"), 5)
    assert sqlite_intake.client.get(other, headers=sqlite_intake.token()).status_code == 404, "not of this application"


def test_a_leader_sees_the_desks_below(sqlite_intake: IntakeService) -> None:
    code = submit(sqlite_intake, submission())["code"]
    page = sqlite_intake.client.get("/intake/applications", headers=sqlite_intake.token("leader", "H12")).text
    assert code in page
    assert "Ghi nhận bưu gửi" not in page
