"""The desk's pages for payments: taken once, with a numbered receipt, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from services.intake.app import create_app
from services.intake.payments.vietqr import BankAccount, checksum, vietqr
from shared.auth import issue_token
from shared.runtime.settings import PaymentSettings
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page, repeated_ids, unlabelled
from tests.support.serving import served

ACCOUNT = "970415:113366668888:KHO BAC NHA NUOC"


class Clerk:
    """A clerk's browser, at a desk with a bank account."""

    def __init__(
        self, intake: IntakeService, agency: str = DESK, role: str = "clerk", subject: str = "clerk-7"
    ) -> None:
        settings = replace(intake.context.settings, payments=PaymentSettings(account=ACCOUNT))
        self.app = create_app(replace(intake.context, settings=settings))
        self.client: Any = self.app.test_client()
        self.client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, subject, role, agency))

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str, **typed: str) -> Any:
        """Sends a form as a browser does."""
        return self.client.post(path, data=typed, headers={"Accept": "text/html", "Origin": "http://localhost"})


def form_key(page: str) -> str:
    """The key of a page's form."""
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found, page
    return found[1]


def test_vietqr_is_as_napas_publishes_it() -> None:
    text = vietqr(BankAccount("970403", "0011012345678", "A"), 180_000, "thanh toan don hang")
    assert text.startswith("00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA5303704540618")
    assert text.endswith(f"62230819thanh toan don hang6304{checksum(text[:-4])}")
    assert checksum("123456789") == "29B1", "CRC-16/CCITT-FALSE"


@pytest.mark.parametrize(("amount", "purpose"), [(0, "MC"), (-1, "MC"), (1, ""), (1, "x" * 26), (1, "Phí")])
def test_what_vietqr_cannot_write_is_refused(amount: int, purpose: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        vietqr(BankAccount("970403", "0011", "A"), amount, purpose)


def test_a_payment_is_taken_once_and_gets_a_numbered_receipt(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    for number in (1, 2, 3):
        path = f"/intake/dossiers/{intake.file()['code']}/payments"
        form = clerk.get(f"{path}/take")
        typed = {"method": "cash", "obligation": "", "reference": "", "form_key": form_key(form.text)}
        for _ in range(2):
            answer = clerk.send(f"{path}/take", **typed)
            assert (answer.status_code, answer.headers["Location"]) == (303, path)
        page = clerk.get(path).text
        assert f"BL 2025/{number:06d}" in page
        (printed,) = set(re.findall(rf"{path}/([0-9a-f-]+)/receipt", page))
        receipt = clerk.get(f"{path}/{printed}/receipt").text
        assert f"BL 2025/{number:06d}" in receipt
        assert "550.000" in receipt
    assert [one["number"] for one in intake.rows("payment")] == [1, 2, 3]


def test_a_refused_payment_takes_no_number(intake: IntakeService) -> None:
    code = intake.file()["code"]
    for amount in (1, 550_000, 550_000):
        intake.post(f"/dossiers/{code}/payments", {"amount": amount, "method": "cash"})
    assert [(one["series"], one["last"]) for one in intake.rows("receipt_number")] == [("2025", 1)]


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"method": ""}, "method"), ({"method": "transfer"}, "reference"), ({"method": "online"}, "method")],
)
def test_wrong_input_names_the_field(sqlite_intake: IntakeService, typed: dict[str, str], field: str) -> None:
    clerk = Clerk(sqlite_intake)
    path = f"/intake/dossiers/{sqlite_intake.file()['code']}/payments/take"
    answer = clerk.send(path, form_key="k", obligation="", **typed)
    assert answer.status_code == 422
    page = read_page(answer.text)
    assert f"f-{field}" in {one.get("id") for one in page.all()}
    assert (repeated_ids(page), unlabelled(page)) == ([], [])
    assert sqlite_intake.rows("payment") == []


def test_the_transfer_of_a_desk_has_a_qr_code(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake)
    path = f"/intake/dossiers/{sqlite_intake.file()['code']}/payments/take"
    answer = clerk.send(path, obligation="", qr="1")
    assert answer.status_code == 303
    page = clerk.get(answer.headers["Location"]).text
    assert "Mã VietQR" in page
    (order,) = sqlite_intake.rows("payment_order")
    assert order["reference"] in page
    clerk.send(path, obligation="", method="transfer", reference=order["reference"], form_key=form_key(page))
    assert [one["state"] for one in sqlite_intake.rows("payment_order")] == ["paid"]


@pytest.mark.parametrize(("agency", "role"), [(OTHER_DESK, "clerk"), (DESK, "officer"), (OTHER_DESK, "leader")])
def test_other_officials_see_no_payments(sqlite_intake: IntakeService, agency: str, role: str) -> None:
    path = f"/intake/dossiers/{sqlite_intake.file()['code']}/payments"
    stranger = Clerk(sqlite_intake, agency, role)
    seen = stranger.get(path)
    assert seen.status_code in (303, 403), "who may say why they want to see it is asked for the reason"
    assert "550.000" not in seen.text
    assert stranger.get(f"{path}/take").status_code == 403


@pytest.fixture
def address(sqlite_intake: IntakeService) -> Iterator[str]:
    with served(Clerk(sqlite_intake).app) as found:
        yield found


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_clerk_takes_a_payment_by_keyboard(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("obligation.requested", code, amount=12_500_000)
    page = page_at(width)
    token = issue_token(sqlite_intake.context.settings.auth, "clerk-7", "clerk", DESK)
    page.context.add_cookies([{"name": "motcua_session", "value": token, "url": address}])
    page.goto(f"{address}/intake/dossiers/{code}/payments")
    screenshot(page, f"desk-payments-{width}")
    page.get_by_role("link", name="Thu tiền").first.press("Enter")
    page.get_by_role("button", name="Tạo mã VietQR").press("Enter")
    page.get_by_role("img", name="Mã VietQR").wait_for()
    screenshot(page, f"take-payment-{width}")
    page.get_by_label("Tiền mặt").press("Space")
    page.get_by_role("button", name="Xác nhận đã thu").press("Enter")
    page.get_by_role("status").wait_for()
    assert "BL 2025/000001" in page.inner_text("main")
    assert page_width(page) <= width
    screenshot(page, f"desk-payments-paid-{width}")
    page.get_by_role("link", name="In biên lai").first.click()
    expect(page).to_have_title(re.compile("Biên lai thu"))
    screenshot(page, f"payment-receipt-{width}")


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_gets_the_qr_code(sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int) -> None:
    receipt = sqlite_intake.file()
    page = page_at(width)
    page.goto(f"{address}/intake/pay?code={receipt['code']}")
    page.get_by_label("Mã bí mật").fill(receipt["secret"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Nộp trực tuyến").click()
    page.get_by_role("img", name="Mã VietQR").wait_for()
    assert page_width(page) <= width
    screenshot(page, f"pay-order-{width}")
