"""Intake's web pages."""

from __future__ import annotations

import re

import pytest

from services.intake.lookup.throttle import MAX_FAILURES
from shared.web.authorization import routes_with_roles
from tests.intake.service_fixture import LAND, OTHER_DESK, World


def test_the_form_takes_the_code_from_the_qr_code(lone_world: World) -> None:
    page = lone_world.client.get("/intake/?code=H12.31.01-251120-0001%22%3E%3Cscript")
    assert page.status_code == 200
    assert 'value="H12.31.01-251120-0001&#34;&gt;&lt;script"' in page.text
    assert '<form method="post" action="/intake/"' in page.text


def test_a_dossiers_page(lone_world: World) -> None:
    receipt = lone_world.file()
    lone_world.happen("step.assigned", receipt["code"], agency="H12.14.02")
    lone_world.happen("obligation.requested", receipt["code"], amount=12_500_000)
    page = lone_world.client.post("/intake/", data={"code": receipt["code"], "secret": receipt["secret"]})
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


def test_a_result_to_fetch(lone_world: World) -> None:
    receipt = lone_world.file()
    lone_world.happen("dossier.resolved", receipt["code"])
    page = lone_world.client.post("/intake/", data={"code": receipt["code"], "secret": receipt["secret"]})
    assert "Đã có kết quả" in page.text
    lone_world.post(f"/dossiers/{receipt['code']}/return", {"citizen_notified": True})
    page = lone_world.client.post("/intake/", data={"code": receipt["code"], "secret": receipt["secret"]})
    assert "Đã có kết quả" not in page.text
    assert 'aria-current="step"' not in page.text


def test_guessing_on_the_page_is_counted_too(lone_world: World) -> None:
    receipt = lone_world.file()
    guess = {"code": receipt["code"], "secret": "AAAAAA"}
    answers = [lone_world.client.post("/intake/", data=guess) for _ in range(MAX_FAILURES)]
    assert {answer.status_code for answer in answers} == {404}
    assert "Không có hồ sơ nào" in answers[0].text
    assert "AAAAAA" not in answers[0].text
    stopped = lone_world.client.post("/intake/", data=guess | {"secret": receipt["secret"]})
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert "thử lại sau 15 phút" in stopped.text


def test_procedure_search(lone_world: World) -> None:
    page = lone_world.client.get("/intake/procedures?q=khai+sinh&field=civil_status")
    assert "Có 3 thủ tục" in page.text
    assert '<option value="civil_status" selected>' in page.text
    assert "Không tìm thấy" in lone_world.client.get("/intake/procedures?q=zzz").text


def test_procedure_pages_lead_to_all(lone_world: World) -> None:
    codes = {item["code"] for item in lone_world.client.get("/intake/api/procedures?limit=200").json["items"]}
    seen: set[str] = set()
    for number in range(1, len(codes) // 20 + 2):
        page = lone_world.client.get(f"/intake/procedures?page={number}").text
        seen |= set(re.findall(r"/intake/procedures/([0-9.]+)", page))
    assert seen == codes
    assert len(codes) > 20
    assert lone_world.client.get("/intake/procedures?page=-5").status_code == 200
    assert lone_world.client.get("/intake/procedures?page=x").status_code == 200


def test_every_procedure_has_a_page(lone_world: World) -> None:
    items = lone_world.client.get("/intake/api/procedures?limit=200").json["items"]
    for item in items:
        page = lone_world.client.get(f"/intake/procedures/{item['code']}")
        assert page.status_code == 200
        assert "Thành phần hồ sơ" in page.text
    assert lone_world.client.get("/intake/procedures/9.999999", headers={"Accept": "text/html"}).status_code == 404


def test_a_procedures_page(lone_world: World) -> None:
    page = lone_world.client.get(f"/intake/procedures/{LAND}").text
    for text in ("8 ngày làm việc", "cộng thêm 10 ngày", "550.000", "không tính vào thời hạn", "Nếu có"):
        assert text in page


def test_the_receipt_with_and_without_its_secret(lone_world: World) -> None:
    receipt = lone_world.file(papers=["application", "certificate", "contract", "Ảnh chụp"])
    path = f"/intake/dossiers/{receipt['code']}/receipt"
    again = lone_world.client.get(path, headers=lone_world.token())
    assert again.status_code == 200
    for text in (
        "Giấy tiếp nhận hồ sơ",
        "Nguyễn Thị Bưởi",
        "095185001234",
        "17:30 ngày 02/12/2025",
        "8 ngày làm việc",
        "NGƯỜI NỘP HỒ SƠ",
        "NGƯỜI TIẾP NHẬN HỒ SƠ",
        "Ảnh chụp",
        "550.000",
        "data:image/svg+xml",
    ):
        assert text in again.text
    assert receipt["secret"] not in again.text
    printed = lone_world.client.post(path, data={"secret": receipt["secret"]}, headers=lone_world.token())
    assert receipt["secret"] in printed.text
    assert [(row["action"], row["dossier"]) for row in lone_world.rows("audit")] == [("receipt", receipt["code"])] * 2


@pytest.mark.parametrize("secret", ["", "AAAAAA"])
def test_a_receipt_prints_no_wrong_secret(lone_world: World, secret: str) -> None:
    path = f"/intake/dossiers/{lone_world.file()['code']}/receipt"
    assert lone_world.client.post(path, data={"secret": secret}, headers=lone_world.token()).status_code == 422


def test_receipts_are_for_the_desk(lone_world: World) -> None:
    path = f"/intake/dossiers/{lone_world.file()['code']}/receipt"
    assert lone_world.client.get(path).status_code == 401
    assert lone_world.client.get(path, headers=lone_world.token(agency=OTHER_DESK)).status_code == 403
    assert lone_world.client.get(path, headers=lone_world.token("officer")).status_code == 403
    assert lone_world.rows("audit") == []


def test_a_remote_receipt_says_so(lone_world: World) -> None:
    code = lone_world.file(remote=True)["code"]
    page = lone_world.client.get(f"/intake/dossiers/{code}/receipt", headers=lone_world.token())
    assert "cộng 10 ngày vùng khó khăn" in page.text


def test_every_api_route_is_described(lone_world: World) -> None:
    description = lone_world.client.get("/intake/openapi.json").json
    routes = {
        re.sub(r"<(\w+)>", r"{\1}", route.path)
        for route in routes_with_roles(lone_world.client.application)
        if route.path.startswith("/intake/api/")
    }
    assert routes == set(description["paths"])
