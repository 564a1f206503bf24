"""Paying with the platform's own gateway, as with `make run`: by the pages, in a browser, with every outcome that can be tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from services.intake.app import create_app
from shared.payment_gateway.trial_app import create_trial_gateway
from shared.runtime.context import Context
from shared.runtime.settings import TRIAL_GATEWAY, PaymentSettings, read_settings
from shared.web.gateway import Gateway
from tests.intake.service_fixture import IntakeService
from tests.support.browser import PageAt, page_width, press_back, screenshot
from tests.support.serving import served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "a-key-of-the-trial-gateway-0123456789"
FEE = 550_000


class Town:
    """Intake and the trial gateway on one port, as in `make run`."""

    def __init__(self, intake: IntakeService, address: str) -> None:
        self.intake, self.address = intake, address
        payments = PaymentSettings(f"{address}/{TRIAL_GATEWAY}", KEY, trial=True)
        settings = replace(intake.context.settings, public_url=address, payments=payments)
        self.context: Context = replace(intake.context, settings=settings)
        self.app: Flask = create_app(self.context)
        self.browser: Any = self.app.test_client()
        self.trial: Any = create_trial_gateway(settings)
        self.bank: Any = self.trial.test_client()

    def start(self) -> tuple[str, str]:
        """A dossier's order, and the address of the page for paying, by the citizen's pages."""
        receipt = self.intake.file()
        headers = {"Origin": "http://localhost", "Accept": "text/html"}
        typed = {name: receipt[name] for name in ("code", "secret")}
        self.browser.post("/intake/pay", data=typed, headers=headers)
        order = self.browser.post("/intake/pay/start", data={"obligation": ""}, headers=headers).headers["Location"]
        return order, self.intake.rows("payment_order")[-1]["pay_url"].removeprefix(self.address)

    def choose(self, page: str, choice: str) -> Any:
        """What the visitor lets happen on the gateway's page."""
        return self.bank.post(page, data={"choice": choice}, headers={"Origin": "http://localhost"})


@pytest.fixture
def town(sqlite_intake: IntakeService) -> Iterator[Town]:
    apps: dict[str, WSGIApplication] = {}

    def gateway(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return Gateway(apps, apps["intake"])(environ, start_response)

    with served(gateway) as address:
        town = Town(sqlite_intake, address)
        apps |= {"intake": town.app, TRIAL_GATEWAY: town.trial}
        yield town


@pytest.mark.parametrize(
    ("choice", "said", "refunds"),
    [
        ("pay", "Đã nộp tiền", []),
        ("decline", "Đến trang thanh toán", []),
        ("less", "Đến trang thanh toán", [FEE - 1_000]),
        ("more", "Đến trang thanh toán", [FEE + 1_000]),
        ("twice", "Đã nộp tiền", [FEE]),
        ("unreported", "Đã nộp tiền", []),
    ],
)
def test_every_outcome_can_be_tried(town: Town, choice: str, said: str, refunds: list[int]) -> None:
    order, page = town.start()
    assert "Không có khoản tiền thật" in town.bank.get(page).text
    back = town.choose(page, choice)
    assert (back.status_code, back.headers["Location"]) == (303, town.address + order)
    if choice == "unreported":
        assert "Đã nộp tiền" not in town.browser.get(order).text, "nobody has asked yet"
    assert said in town.browser.get(f"{order}?asked=1").text
    assert [one["amount"] for one in town.intake.rows("refund")] == refunds


def test_money_after_the_order_has_expired_counts(town: Town) -> None:
    order, page = town.start()
    town.intake.advance(timedelta(hours=1))
    assert "hết thời gian" in town.browser.get(order).text
    assert "đã hết hạn" in town.bank.get(page).text
    town.choose(page, "pay")
    assert "Đã nộp tiền" in town.browser.get(order).text


def test_the_gateway_exists_on_a_machine_of_ones_own_only(town: Town, tmp_path: Path) -> None:
    _, page = town.start()
    assert town.bank.get(page, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403
    assert town.bank.get(f"/{TRIAL_GATEWAY}/pay/unknown").status_code == 404
    assert town.choose(page, "nothing").status_code == 400
    forged = town.bank.post(f"/{TRIAL_GATEWAY}/orders", data=json.dumps({"reference": "MC"}))
    assert forged.status_code == 401
    settings = town.context.settings
    with pytest.raises(ValueError, match="production"):
        create_trial_gateway(replace(settings, mode="production"))
    with pytest.raises(ValueError, match="trial"):
        create_trial_gateway(replace(settings, payments=PaymentSettings(settings.payments.gateway_url, KEY)))
    environ = {"MOTCUA_DATA": str(tmp_path)}
    for mode, trial in (("embedded", True), ("demo", True), ("test", False)):
        assert read_settings({**environ, "MOTCUA_MODE": mode}).payments.trial is trial
    connected = {"MOTCUA_PAYMENT_URL": "https://pay.example.vn", "MOTCUA_PAYMENT_KEY": KEY}
    assert not read_settings({**environ, **connected}).payments.trial


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_follows_the_dossier_and_pays(town: Town, page_at: PageAt, width: int) -> None:
    receipt = town.intake.file()
    page = page_at(width)

    def look(name: str) -> None:
        assert page_width(page) <= width, name
        screenshot(page, f"{name}-{width}")

    page.goto(f"{town.address}/intake/")
    page.get_by_label("Mã hồ sơ").fill(receipt["code"])
    page.get_by_label("Mã bí mật").fill(receipt["secret"])
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Nộp trực tuyến").wait_for()
    look("follow-unpaid")
    page.get_by_role("link", name="Nộp trực tuyến").click()
    page.get_by_role("button", name="Nộp trực tuyến").click()
    page.get_by_role("link", name="Đến trang thanh toán").click()
    look("trial-gateway")
    page.get_by_role("button", name="Ngân hàng từ chối").click()
    page.get_by_role("link", name="Đến trang thanh toán").click()
    page.get_by_role("button", name="Nộp tiền (thử)").click()
    page.get_by_role("heading", name="Đã nộp tiền").wait_for()
    look("pay-done")
    press_back(page, "/pay/orders/*", forward=True)
    page.get_by_role("link", name="Các khoản phải nộp").click()
    assert "Đã nộp" in page.inner_text("main")
    page.get_by_role("link", name="Về hồ sơ").click()
    page.get_by_role("heading", name=receipt["code"]).wait_for()
    assert page.get_by_role("link", name="Nộp trực tuyến").count() == 0
    assert [one["amount"] for one in town.intake.rows("payment")] == [FEE]
