"""What a filing costs by channel, and waivers of the fee: asked for, granted or refused by the papers, and kept with who and when."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.fee_reductions import (
    fees_by_channel,
    online_reduction,
    reduced,
    waiver_categories,
)
from shared.auth import issue_token
from shared.catalogue import Fee
from tests.intake.payments.bank_fixture import FEE, Payments
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.serving import served

ORIGIN = {"Accept": "text/html", "Origin": "http://localhost"}
GRANT = {"category": "poor", "evidence": "Giấy chứng nhận hộ nghèo số 12", "decision": "grant", "seen": "1"}


def clerk(intake: IntakeService, agency: str = DESK, role: str = "clerk") -> Any:
    """A clerk's browser."""
    client: Any = intake.client.application.test_client()
    client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, "clerk-7", role, agency))
    return client


def send(browser: Any, path: str, **typed: str) -> Any:
    """Sends a form as a browser does."""
    return browser.post(path, data={"form_key": secrets.token_urlsafe()} | typed, headers=ORIGIN)


@given(st.integers(1, 10**12), st.integers(1, 100))
def test_a_reduced_fee_is_whole_and_never_more(amount: int, percent: int) -> None:
    left = reduced(amount, percent)
    assert isinstance(left, int)
    assert 0 <= left < amount
    assert left * 100 <= amount * (100 - percent) < (left + 1) * 100


def test_fees_are_lower_online_in_their_time_and_field_only() -> None:
    fees = (Fee("a", "A", 15_001), Fee("b", "B", 8_000))
    inside, before, after = date(2025, 11, 20), date(2025, 6, 30), date(2027, 1, 1)
    assert [one.amount for one in fees_by_channel(fees, "civil_status", "online", inside)] == [0, 0]
    assert [one.amount for one in fees_by_channel(fees, "business", "online", inside)] == [7_500, 4_000]
    for field, channel, day in (
        ("civil_status", "counter", inside),
        ("civil_status", "post", inside),
        ("land", "online", inside),
        ("civil_status", "online", before),
        ("civil_status", "online", after),
    ):
        assert fees_by_channel(fees, field, channel, day) == fees
    found = online_reduction("civil_status", inside)
    assert found is not None
    assert "97/2015/QH13" in found.source
    assert {"merit", "poor", "child", "elderly", "disabled"} <= {one.code for one in waiver_categories(inside)}
    assert waiver_categories(date(2016, 12, 31)) == []


def test_a_clerk_grants_a_waiver_and_nothing_is_owed(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    path, browser = f"/intake/dossiers/{code}/payments", clerk(intake)
    key = secrets.token_urlsafe()
    for _ in range(2):
        assert send(browser, f"{path}/waiver", form_key=key, **GRANT).status_code == 303
    (row,) = intake.rows("fee_waiver")
    assert (row["state"], row["fee"], row["waived"], row["decided_by"]) == ("granted", FEE, FEE, "clerk-7")
    detail = intake.get(f"/dossiers/{code}").json
    assert (detail["fee"], detail["fee_items"][-1]["amount"]) == (0, -FEE)
    assert sum(one["amount"] for one in detail["fee_items"]) == 0
    assert (
        intake.post(f"/dossiers/{code}/payments", {"amount": FEE, "method": "cash"})
        .json["type"]
        .endswith("nothing-owed")
    )
    assert send(browser, f"{path}/waiver", **GRANT).status_code == 409
    assert "Đã miễn, giảm" in browser.get(path, headers=ORIGIN).text


def test_the_citizen_asks_and_is_refused_with_the_reason_and_may_ask_again(intake: IntakeService) -> None:
    receipt = intake.file()
    code, citizen = str(receipt["code"]), intake.client.application.test_client()
    citizen.post("/intake/pay", data={"code": code, "secret": receipt["secret"]}, headers=ORIGIN)
    asked = {"category": "disabled", "evidence": "Giấy xác nhận số 5"}
    assert "Đề nghị miễn, giảm" in citizen.get("/intake/pay", headers=ORIGIN).text
    refused = send(citizen, "/intake/pay/waiver", category="", evidence="Giấy xác nhận số 5")
    assert refused.status_code == 422
    assert "Giấy xác nhận số 5" in refused.text, "nothing typed is lost"
    assert send(citizen, "/intake/pay/waiver", **asked).status_code == 303
    assert send(citizen, "/intake/pay/waiver", **asked).status_code == 409
    assert "đang chờ" in citizen.get("/intake/pay", headers=ORIGIN).text
    assert intake.get(f"/dossiers/{code}").json["fee"] == FEE, "nothing is waived before somebody has decided"
    browser, path = clerk(intake), f"/intake/dossiers/{code}/payments/waiver"
    (row,) = intake.rows("fee_waiver")
    page = browser.get(path, headers=ORIGIN).text
    assert "Giấy xác nhận số 5" in page
    assert (repeated_ids(read_page(page)), unlabelled(read_page(page))) == ([], [])
    assert send(browser, path, waiver=row["id"], decision="grant").status_code == 422, "the paper was not seen"
    assert send(browser, path, waiver=row["id"], decision="refuse").status_code == 422, "without a reason"
    assert send(browser, path, waiver=row["id"], decision="refuse", reason="Giấy hết hạn").status_code == 303
    assert send(browser, path, waiver=row["id"], decision="grant", seen="1").status_code == 409
    assert "Giấy hết hạn" in citizen.get("/intake/pay", headers=ORIGIN).text
    assert send(citizen, "/intake/pay/waiver", **asked).status_code == 303
    assert [one["state"] for one in intake.rows("fee_waiver")] == ["refused", "asked"]


def test_the_api_decides_waivers_at_the_own_desk_alone(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    body = {"category": "elderly", "evidence": "Căn cước", "grant": True}
    assert intake.post(f"/dossiers/{code}/waivers", body, agency=OTHER_DESK).status_code == 403
    assert intake.post(f"/dossiers/{code}/waivers", body, role="officer").status_code == 403
    assert intake.post(f"/dossiers/{code}/waivers", body | {"category": "friend"}).status_code == 422
    assert intake.post(f"/dossiers/{code}/waivers", body | {"grant": False}).status_code == 422
    answer = intake.post(f"/dossiers/{code}/waivers", body)
    assert (answer.status_code, answer.json["waived"]) == (201, FEE)
    paid = str(intake.file()["code"])
    assert intake.post(f"/dossiers/{paid}/payments", {"amount": FEE, "method": "cash"}).status_code == 201
    assert intake.post(f"/dossiers/{paid}/waivers", body).status_code == 409, "what was paid is a matter of refunds"


def test_money_for_an_order_that_was_waived_meanwhile_goes_back(payments: Payments, code: str) -> None:
    order = payments.order(code)
    body = {"category": "merit", "evidence": "Giấy xác nhận", "grant": True}
    assert payments.intake.post(f"/dossiers/{code}/waivers", body).status_code == 201
    payments.bank(reference=order.reference, times=2)
    assert not payments.settled(code)
    assert payments.refund_causes() == ["nothing_owed"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_asks_and_a_clerk_grants(sqlite_intake: IntakeService, page_at: PageAt, width: int) -> None:
    receipt = sqlite_intake.file()
    with served(sqlite_intake.client.application) as address:
        page = page_at(width)
        page.goto(f"{address}/intake/pay?code={receipt['code']}")
        page.get_by_label("Mã bí mật").fill(receipt["secret"])
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Đề nghị miễn, giảm").click()
        page.get_by_label("Người thuộc hộ nghèo").check()
        page.get_by_label("Giấy tờ chứng minh").fill("Giấy chứng nhận số 12")
        screenshot(page, f"ask-waiver-{width}")
        page.get_by_role("button", name="Gửi đề nghị").click()
        page.get_by_text("đang chờ Bộ phận Một cửa").wait_for()
        screenshot(page, f"pay-waiver-asked-{width}")
        token = issue_token(sqlite_intake.context.settings.auth, "clerk-7", "clerk", DESK)
        page.context.add_cookies([{"name": "motcua_session", "value": token, "url": address}])
        page.goto(f"{address}/intake/dossiers/{receipt['code']}/payments")
        page.get_by_role("link", name="Xem và quyết định").click()
        page.get_by_label("Miễn, giảm", exact=True).check()
        page.get_by_role("button", name="Lưu quyết định").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("Tôi đã xem").check()
        screenshot(page, f"decide-waiver-{width}")
        page.get_by_role("button", name="Lưu quyết định").click()
        page.get_by_text("Đã miễn, giảm").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        screenshot(page, f"desk-payments-waived-{width}")
