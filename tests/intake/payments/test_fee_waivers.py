"""What a filing costs by channel, and waivers of the fee: asked for, granted or refused by the papers, and kept with who and when."""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.filing.domain.fee_reductions import (
    SAMPLE,
    fees_by_channel,
    online_reduction,
    reduced,
    samples,
    waiver_categories,
)
from services.intake.payments.waivers.commands import delete_unsent
from shared.auth import issue_token
from shared.catalogue import Fee
from tests.intake.online_fixture import OWN, CitizenBrowser, pdf
from tests.intake.payments.bank_fixture import FEE, Payments
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.serving import served

ORIGIN = {"Accept": "text/html", "Origin": "http://localhost"}
GRANT = {
    "category": "poor",
    "evidence": "Giấy chứng nhận hộ nghèo",
    "number": "12",
    "decision": "grant",
    "seen": "copy",
}


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
    assert samples(inside) == ["business", "civil_status", *(one.code for one in waiver_categories(inside))], (
        "what nobody has decided is called a sample"
    )
    assert all(one.basis != SAMPLE or "mẫu" in one.source for one in waiver_categories(inside))


def test_a_clerk_grants_a_waiver_and_nothing_is_owed(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    path, browser = f"/intake/dossiers/{code}/payments", clerk(intake)
    key = secrets.token_urlsafe()
    for _ in range(2):
        assert send(browser, f"{path}/waiver", form_key=key, **GRANT).status_code == 303
    (row,) = intake.rows("fee_waiver")
    assert (row["state"], row["fee"], row["waived"], row["decided_by"]) == ("granted", FEE, FEE, "clerk-7")
    assert (row["evidence"], row["number"], row["seen"]) == ("Giấy chứng nhận hộ nghèo", "12", "copy")
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


class Citizen:
    """The browser of somebody who has just looked a dossier up."""

    def __init__(self, intake: IntakeService, receipt: dict[str, Any]) -> None:
        self.client: Any = intake.client.application.test_client()
        known = {"code": receipt["code"], "secret": receipt["secret"]}
        assert self.client.post("/intake/pay", data=known, headers=ORIGIN).status_code == 303

    def get(self, path: str = "") -> Any:
        """Opens a page of the payments."""
        return self.client.get(f"/intake/pay{path}", headers=ORIGIN)

    def send(self, path: str, **typed: str) -> int:
        """Sends a form; returns the status."""
        return int(send(self.client, f"/intake/pay{path}", **typed).status_code)

    def begin(self, **typed: str) -> int:
        """Says who it is, and by which paper."""
        claim = {"category": "disabled", "evidence": "Giấy xác nhận khuyết tật", "number": "05/GXN"}
        return self.send("/waiver", **(claim | typed))

    def upload(self, content: bytes, name: str = "giay-xac-nhan.pdf") -> int:
        """Adds a file of the evidence."""
        return upload(self.client, "/intake/pay/waiver/files", content, name)


def upload(browser: Any, path: str, content: bytes, name: str) -> int:
    """Sends a file as a browser does."""
    return int(browser.post(path, data={"file": (BytesIO(content), name)}, headers=ORIGIN).status_code)


def links(page: str, path: str) -> list[str]:
    """The addresses on a page that begin with a path."""
    return re.findall(rf'href="({re.escape(path)}[^"]*)"', page)


def test_the_citizen_asks_with_evidence_and_is_refused_with_what_to_pay_and_may_ask_again(
    intake: IntakeService,
) -> None:
    receipt = intake.file()
    code, citizen, browser = str(receipt["code"]), Citizen(intake, receipt), clerk(intake)
    assert "Đề nghị miễn, giảm" in citizen.get().text
    refused = send(citizen.client, "/intake/pay/waiver", category="", evidence="Giấy xác nhận số 5")
    assert refused.status_code == 422
    assert "Giấy xác nhận số 5" in refused.text, "nothing typed is lost"
    assert citizen.send("/waiver/check") == 404, "nothing was begun"
    assert citizen.begin() == 303
    assert "mang giấy tờ chứng minh đến" in citizen.get("/waiver/check").text
    assert citizen.upload(b"no paper at all") == 422
    assert citizen.upload(pdf()) == 303
    assert citizen.begin(number="06/GXN") == 303, "what was said can be changed, and the file stays"
    page = citizen.get("/waiver/check").text
    assert "06/GXN" in page
    assert "giay-xac-nhan.pdf" in page
    assert (repeated_ids(read_page(page)), unlabelled(read_page(page))) == ([], [])
    (own,) = links(page, "/intake/pay/waiver/files/")
    assert citizen.client.get(own).data == pdf()
    assert Citizen(intake, intake.file()).client.get(own).status_code == 404, "another dossier's"
    assert intake.rows("fee_waiver")[0]["state"] == "begun"
    waiting = "/intake/payments/waivers"
    assert code not in browser.get(waiting, headers=ORIGIN).text, "not sent yet"
    key = secrets.token_urlsafe()
    for _ in range(2):
        assert citizen.send("/waiver/check", form_key=key, dossier=code) == 303
    assert citizen.begin() == 409
    assert citizen.client.get(own).status_code == 404, "sent is sent"
    assert "đang chờ" in citizen.get().text
    assert "Vui lòng nộp tại" in citizen.get().text, "who wants to pay now may"
    assert intake.get(f"/dossiers/{code}").json["fee"] == FEE, "nothing is waived before somebody has decided"
    assert code in browser.get(waiting, headers=ORIGIN).text
    assert code not in clerk(intake, OTHER_DESK).get(waiting, headers=ORIGIN).text
    assert "Chờ quyết định: 1" in browser.get("/intake/payments", headers=ORIGIN).text
    (row,) = intake.rows("fee_waiver")
    path = f"/intake/dossiers/{code}/payments/waiver"
    page = browser.get(path, headers=ORIGIN).text
    assert "Giấy xác nhận khuyết tật" in page
    assert (repeated_ids(read_page(page)), unlabelled(read_page(page))) == ([], [])
    (seen,) = links(page, f"{path}/files/")
    assert browser.get(seen).data == pdf()
    assert browser.post(f"{seen}/delete", headers=ORIGIN).status_code == 404, "it is the citizen's"
    for stranger in (clerk(intake, OTHER_DESK), clerk(intake, role="officer"), citizen.client):
        assert stranger.get(seen).status_code in (303, 401, 403), "others say first who they are, and why"
    decided = {"waiver": row["id"], "decision": "refuse"}
    assert send(browser, path, waiver=row["id"], decision="grant").status_code == 422, "the paper was not seen"
    assert send(browser, path, **decided).status_code == 422, "without a reason"
    assert send(browser, path, **decided, reason="Giấy hết hạn").status_code == 303
    assert send(browser, path, waiver=row["id"], decision="grant", seen="shown").status_code == 409
    told = citizen.get().text
    assert "Giấy hết hạn" in told
    assert "Số tiền phải nộp là 550.000" in told
    (event,) = intake.emitted("fee.waiver_decided")
    assert {name: event["data"][name] for name in ("granted", "waived", "owed")} == {
        "granted": False,
        "waived": 0,
        "owed": FEE,
    }
    assert "Giấy hết hạn" not in str(event), "the reason is read on the page"
    assert intake.emitted("fee.waived") == []
    assert citizen.begin() == 303
    assert citizen.send("/waiver/check", dossier=code) == 303
    assert [one["state"] for one in intake.rows("fee_waiver")] == ["refused", "asked"]


def test_who_is_signed_in_asks_as_the_applicant_and_not_as_one_of_several(sqlite_intake: IntakeService) -> None:
    intake, number = sqlite_intake, "096190002345"
    person = CitizenBrowser(intake, number)
    own = intake.file(applicant__id_number=number)["code"]
    shared = intake.file(co_applicants=[{"name": "Trần Thị An", "id_number": number}])["code"]
    for code, status in ((shared, 404), (own, 303)):
        assert person.client.get(f"/intake/mine/{code}", headers=OWN).status_code == 200
        link = "/intake/pay/waiver" in person.client.get("/intake/pay", headers=OWN).text
        claim = {"category": "child", "evidence": "Giấy khai sinh", "dossier": code}
        answer = person.client.post("/intake/pay/waiver", data=claim, headers=OWN)
        assert (link, answer.status_code) == (status == 303, status), code
    stale = {"category": "child", "evidence": "Giấy khai sinh", "dossier": shared}
    answer = person.client.post("/intake/pay/waiver", data=stale, headers=OWN)
    assert answer.location == "/intake/dossier", "a form of another window changes nothing"
    assert [row["dossier"] for row in intake.rows("fee_waiver")] == [own]


def test_a_clerk_scans_the_paper_and_grants_by_the_scan(intake: IntakeService) -> None:
    code, browser = str(intake.file()["code"]), clerk(intake)
    path = f"/intake/dossiers/{code}/payments/waiver"
    assert upload(browser, f"{path}/files", pdf(), "quet.pdf") == 409, "nobody has asked"
    assert send(browser, path, category="poor", evidence="", later="1").status_code == 422
    assert send(browser, path, category="poor", evidence="Giấy hộ nghèo", number="12", later="1").status_code == 303
    (row,) = intake.rows("fee_waiver")
    assert (row["state"], row["asked_by"], row["number"]) == ("asked", "clerk-7", "12")
    grant = {"waiver": row["id"], "decision": "grant", "seen": "file"}
    assert send(browser, path, **grant).status_code == 422, "there is no file"
    assert upload(browser, f"{path}/files", pdf(b"/Wrong true"), "nham.pdf") == 303
    (wrong,) = links(browser.get(path, headers=ORIGIN).text, f"{path}/files/")
    assert upload(clerk(intake, OTHER_DESK), f"{path}/files", pdf(), "quet.pdf") == 403
    assert browser.post(f"{wrong}/delete", headers=ORIGIN).status_code == 303
    assert browser.get(wrong).status_code == 404
    assert upload(browser, f"{path}/files", pdf(), "quet.pdf") == 303
    assert send(browser, path, **grant).status_code == 303
    (row,) = intake.rows("fee_waiver")
    assert (row["state"], row["seen"], row["waived"]) == ("granted", "file", FEE)
    (scan,) = links(browser.get(path, headers=ORIGIN).text, f"{path}/files/")
    assert clerk(intake, role="leader").get(scan).data == pdf(), "the evidence stays with the decision"
    assert browser.post(f"{scan}/delete", headers=ORIGIN).status_code == 409
    (event,) = intake.emitted("fee.waived")
    told = {name: event["data"][name] for name in ("category", "agency", "field", "amount", "day")}
    expected = {"category": "poor", "agency": DESK, "field": "land", "amount": FEE, "day": "2025-11-20"}
    assert told == expected
    assert code not in str(event), "to whom a fee was waived tells of poverty"
    assert intake.emitted("fee.waiver_decided") == [], "who stands at the desk was told there"


def test_what_was_begun_goes_with_its_files_and_a_claim_can_be_ended_when_the_fee_was_paid(
    sqlite_intake: IntakeService,
) -> None:
    intake = sqlite_intake
    receipt, other = intake.file(), intake.file()
    citizen, quick = Citizen(intake, receipt), Citizen(intake, other)
    assert (citizen.begin(), citizen.upload(pdf())) == (303, 303)
    assert (quick.begin(), quick.send("/waiver/check", dossier=other["code"])) == (303, 303)
    paid = intake.post(f"/dossiers/{other['code']}/payments", {"amount": FEE, "method": "cash"})
    assert paid.status_code == 201, "a claim blocks no payment"
    path, browser = f"/intake/dossiers/{other['code']}/payments/waiver", clerk(intake)
    waiver = next(row for row in intake.rows("fee_waiver") if row["state"] == "asked")
    assert 'value="grant"' not in browser.get(path, headers=ORIGIN).text
    assert send(browser, path, waiver=waiver["id"], decision="grant", seen="shown").status_code == 409
    assert send(browser, path, waiver=waiver["id"], decision="refuse", reason="Đã nộp").status_code == 303
    assert intake.emitted("fee.waiver_decided")[0]["data"]["owed"] == 0
    intake.advance(timedelta(days=29))
    assert delete_unsent(intake.context) == 0
    intake.advance(timedelta(days=2))
    assert delete_unsent(intake.context) == 1
    assert [row["state"] for row in intake.rows("fee_waiver")] == ["refused"]
    assert [row["state"] for row in intake.rows("upload")] == ["deleted"]


def test_the_api_decides_waivers_at_the_own_desk_alone(intake: IntakeService) -> None:
    code = str(intake.file()["code"])
    body = {"category": "elderly", "evidence": "Căn cước", "seen": "shown", "grant": True}
    assert intake.post(f"/dossiers/{code}/waivers", body, agency=OTHER_DESK).status_code == 403
    assert intake.post(f"/dossiers/{code}/waivers", body, role="officer").status_code == 403
    assert intake.post(f"/dossiers/{code}/waivers", body | {"category": "friend"}).status_code == 422
    for wrong in ({"grant": False}, {"seen": ""}, {"seen": "file"}):
        assert intake.post(f"/dossiers/{code}/waivers", body | wrong).status_code == 422, wrong
    assert intake.rows("fee_waiver") == []
    answer = intake.post(f"/dossiers/{code}/waivers", body)
    assert (answer.status_code, answer.json["waived"]) == (201, FEE)
    paid = str(intake.file()["code"])
    assert intake.post(f"/dossiers/{paid}/payments", {"amount": FEE, "method": "cash"}).status_code == 201
    assert intake.post(f"/dossiers/{paid}/waivers", body).status_code == 409, "what was paid is a matter of refunds"


def test_money_for_an_order_that_was_waived_meanwhile_goes_back(payments: Payments, code: str) -> None:
    order = payments.order(code)
    body = {"category": "merit", "evidence": "Giấy xác nhận", "seen": "copy", "grant": True}
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
        page.get_by_label("Giấy tờ chứng minh").fill("Giấy chứng nhận hộ nghèo")
        page.get_by_label("Số giấy tờ").fill("12/GCN")
        screenshot(page, f"ask-waiver-{width}")
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_label("Thêm tệp").set_input_files(
            {"name": "ho-ngheo.pdf", "mimeType": "application/pdf", "buffer": pdf()}
        )
        page.get_by_role("button", name="Tải lên").click()
        page.get_by_role("link", name="ho-ngheo.pdf").wait_for()
        screenshot(page, f"check-waiver-{width}")
        page.get_by_role("button", name="Gửi đề nghị").click()
        page.get_by_text("đang chờ Bộ phận Một cửa").wait_for()
        screenshot(page, f"pay-waiver-asked-{width}")
        token = issue_token(sqlite_intake.context.settings.auth, "clerk-7", "clerk", DESK)
        page.context.add_cookies([{"name": "motcua_session", "value": token, "url": address}])
        page.goto(f"{address}/intake/payments")
        page.get_by_role("link", name="Đề nghị miễn, giảm").click()
        screenshot(page, f"waivers-{width}")
        page.get_by_role("link", name=receipt["code"]).click()
        page.get_by_role("link", name="Xem và quyết định").click()
        with page.expect_download() as saved:
            page.get_by_role("link", name="ho-ngheo.pdf").click()
        assert saved.value.path().read_bytes() == pdf()
        page.get_by_label("Miễn, giảm", exact=True).check()
        page.get_by_role("button", name="Lưu quyết định").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("Đã xem tệp").check()
        screenshot(page, f"decide-waiver-{width}")
        page.get_by_role("button", name="Lưu quyết định").click()
        page.get_by_text("Đã miễn, giảm").wait_for()
        assert page_width(page) <= width
        screenshot(page, f"desk-payments-waived-{width}")
