"""Intake's web pages."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from typing import Any

from services.intake.lookup.throttle import MAX_FAILURES
from shared.persistence.reading_audit import reading_audit
from shared.web.authorization import routes_with_roles
from tests.intake.service_fixture import LAND, OTHER_DESK, IntakeService
from tests.support.pdf import text_of


def test_the_form_takes_the_code_from_the_qr_code(sqlite_intake: IntakeService) -> None:
    page = sqlite_intake.client.get("/intake/?code=H12.31.01-251120-0001%22%3E%3Cscript")
    assert page.status_code == 200
    assert 'value="H12.31.01-251120-0001&#34;&gt;&lt;script"' in page.text
    assert '<form method="post" action="/intake/"' in page.text


def test_the_page_of_a_dossier(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("step.assigned", receipt["code"], agency="H12.14.02")
    sqlite_intake.receive_event("obligation.requested", receipt["code"], amount=12_500_000)
    page = sqlite_intake.client.post(
        "/intake/", data={"code": receipt["code"], "secret": receipt["secret"]}, follow_redirects=True
    )
    assert page.status_code == 200
    for text in (
        receipt["code"],
        "17:30 ngày 02/12/2025",
        "12.500.000",
        "Yêu cầu thực hiện nghĩa vụ tài chính",
        "Đã trả kết quả",
    ):
        assert text in page.text
    assert 'aria-current="step"' in page.text
    assert receipt["secret"] not in page.text
    assert "Bưởi" not in page.text


def test_the_page_announces_a_result(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("dossier.resolved", receipt["code"])
    page = sqlite_intake.client.post(
        "/intake/", data={"code": receipt["code"], "secret": receipt["secret"]}, follow_redirects=True
    )
    assert "Đã có kết quả" in page.text
    sqlite_intake.post(f"/dossiers/{receipt['code']}/return", {"citizen_notified": True, "identity": "citizen_card"})
    page = sqlite_intake.client.post(
        "/intake/", data={"code": receipt["code"], "secret": receipt["secret"]}, follow_redirects=True
    )
    assert "Đã có kết quả" not in page.text
    assert 'aria-current="step"' not in page.text


def test_guessing_on_the_page_is_throttled_too(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    guess = {"code": receipt["code"], "secret": "AAAAAA"}
    answers = [sqlite_intake.client.post("/intake/", data=guess, follow_redirects=True) for _ in range(MAX_FAILURES)]
    assert {answer.status_code for answer in answers} == {404}
    assert "Không có hồ sơ nào" in answers[0].text
    assert "AAAAAA" not in answers[0].text
    stopped = sqlite_intake.client.post("/intake/", data=guess, follow_redirects=True)
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert "quá nhiều lần nhập sai" in stopped.text
    right = sqlite_intake.client.post("/intake/", data=guess | {"secret": receipt["secret"]}, follow_redirects=True)
    assert right.status_code == 200


def test_procedure_search(sqlite_intake: IntakeService) -> None:
    page = sqlite_intake.client.get("/intake/procedures?q=khai+sinh&field=civil_status")
    assert "Có 3 thủ tục" in page.text
    assert re.search('<option value="civil_status"[^>]* selected', page.text)
    assert "Không tìm thấy" in sqlite_intake.client.get("/intake/procedures?q=zzz").text


def test_procedure_pages_lead_to_all(sqlite_intake: IntakeService) -> None:
    codes = {item["code"] for item in sqlite_intake.client.get("/intake/api/procedures?limit=200").json["items"]}
    seen: set[str] = set()
    for number in range(1, len(codes) // 20 + 2):
        page = sqlite_intake.client.get(f"/intake/procedures?page={number}").text
        seen |= set(re.findall(r"/intake/procedures/([0-9.]+)", page))
    assert seen == codes
    assert len(codes) > 20
    assert sqlite_intake.client.get("/intake/procedures?page=-5").status_code == 200
    assert sqlite_intake.client.get("/intake/procedures?page=x").status_code == 200


def test_every_procedure_has_a_page(sqlite_intake: IntakeService) -> None:
    items = sqlite_intake.client.get("/intake/api/procedures?limit=200").json["items"]
    for item in items:
        page = sqlite_intake.client.get(f"/intake/procedures/{item['code']}")
        assert page.status_code == 200
        assert "Thành phần hồ sơ" in page.text
    assert sqlite_intake.client.get("/intake/procedures/9.999999", headers={"Accept": "text/html"}).status_code == 404


def test_the_page_of_a_procedure(sqlite_intake: IntakeService) -> None:
    page = sqlite_intake.client.get(f"/intake/procedures/{LAND}").text
    for text in ("8 ngày làm việc", "cộng thêm 10 ngày", "550.000", "không tính vào thời hạn", "Nếu có"):
        assert text in page


def receipt_of(intake: IntakeService, code: str, **form: str) -> Any:
    """The answer with the receipt as PDF."""
    return intake.client.post(f"/intake/dossiers/{code}/receipt.pdf", data=form, headers=intake.token())


def test_the_receipt_with_and_without_its_secret(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file(papers=["application", "certificate", "contract", "Ảnh chụp"])
    again = text_of(receipt_of(sqlite_intake, receipt["code"]).data)
    for text in (
        "Nguyễn Thị Bưởi",
        "095185001234",
        "17 giờ 30 phút, ngày 02 tháng 12 năm 2025",
        "8 ngày làm việc",
        "Ảnh chụp",
        "550.000",
    ):
        assert text in again
    assert receipt["secret"] not in again
    assert receipt["secret"] in text_of(receipt_of(sqlite_intake, receipt["code"], secret=receipt["secret"]).data)
    assert [(row["action"], row["record"]) for row in sqlite_intake.rows(reading_audit)] == [
        ("receipt", receipt["code"])
    ] * 2


def test_a_receipt_prints_no_wrong_secret(sqlite_intake: IntakeService) -> None:
    assert receipt_of(sqlite_intake, sqlite_intake.file()["code"], secret="AAAAAA").status_code == 422


def test_receipts_are_for_the_desk(sqlite_intake: IntakeService) -> None:
    path = f"/intake/dossiers/{sqlite_intake.file()['code']}/receipt.pdf"
    assert sqlite_intake.client.post(path).status_code == 401
    assert sqlite_intake.client.post(path, headers=sqlite_intake.token(agency=OTHER_DESK)).status_code == 403
    assert sqlite_intake.client.post(path, headers=sqlite_intake.token("officer")).status_code == 403
    assert sqlite_intake.rows(reading_audit) == []


def test_a_receipt_names_the_extra_days(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file(remote=True)["code"]
    assert "cộng 10 ngày vùng khó khăn" in text_of(receipt_of(sqlite_intake, code).data)


def test_every_api_route_is_described(sqlite_intake: IntakeService) -> None:
    description = sqlite_intake.client.get("/intake/openapi.json").json
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        for route in routes_with_roles(sqlite_intake.client.application)
        if route.path.startswith("/intake/api/")
    }
    assert routes == set(description["paths"])


def test_a_look_up_is_answered_with_a_redirect_and_leaves_no_trace(sqlite_intake: IntakeService) -> None:
    receipt, client = sqlite_intake.file(), sqlite_intake.client
    given = {"code": receipt["code"], "secret": receipt["secret"]}
    answer = client.post("/intake/", data=given)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/intake/dossier")
    cookie = answer.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/intake/", "Max-Age=900"):
        assert attribute in cookie
    page = client.get("/intake/dossier")
    assert page.status_code == 200
    assert receipt["code"] in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/intake/").status_code == 200  # the form forgets it
    assert client.get("/intake/dossier").status_code == 303


def test_a_forged_cookie_opens_nothing_and_is_counted(sqlite_intake: IntakeService) -> None:
    receipt, client = sqlite_intake.file(), sqlite_intake.client
    forged = urlsafe_b64encode(json.dumps({"code": receipt["code"], "secret": "AAAAAA"}).encode()).decode()
    for text in (forged, "no base64 é", urlsafe_b64encode(b"[1]").decode(), urlsafe_b64encode(b"\xff").decode()):
        client.set_cookie("motcua_lookup", text, path="/intake/")
        assert client.get("/intake/dossier").status_code == 303
    assert [row["failures"] for row in sqlite_intake.rows("lookup_failure")] == [1, 1], (
        "for the code and for the address"
    )
