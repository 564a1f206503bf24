"""Fees paid online are paid on in time (NĐ 118/2025, article 24.3); statements are imported whole or not at all."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import balances
from services.intake.payments.reconciliation.statement_text import read_statement
from services.intake.payments.transfers.metrics import OverdueTransfers
from shared.auth import issue_token
from shared.cli.payments import payments as cli
from shared.observability.metrics import fee_transfers_overdue, fee_transfers_overdue_oldest
from tests.intake.payments.bank_fixture import FEE, Payments
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService, at
from tests.support.browser import PageAt, page_width, screenshot

PATH = "/intake/payments/transfers"
TAX = 12_500_000
GAUGES = OverdueTransfers()


class Person:
    """Somebody's browser at a desk."""

    def __init__(self, payments: Payments, role: str, agency: str = DESK) -> None:
        self.client: Any = payments.app.test_client()
        token = issue_token(payments.context.settings.auth, f"{role}-1", role, agency)
        self.client.set_cookie("motcua_session", token)

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str, **typed: Any) -> Any:
        """Sends a form as a browser does."""
        typed = {"form_key": secrets.token_urlsafe()} | typed
        return self.client.post(path, data=typed, headers={"Accept": "text/html", "Origin": "http://localhost"})


def pay_online(payments: Payments, code: str, obligation: str = "") -> None:
    """The citizen pays one debt online."""
    payments.bank(reference=payments.order(code, obligation).reference, times=1)


def books(payments: Payments) -> tuple[int, int]:
    """What is with the provider, and what was paid on."""
    with payments.intake.store.read() as connection:
        found = balances(connection)
    assert sum(found.values()) == 0
    return found[Account.PROVIDER], found[Account.TREASURY]


def overdue_by_metrics(payments: Payments) -> list[float]:
    """How many transfers of the desk are overdue, and since when, as the metrics say."""
    GAUGES.update(payments.intake.context)
    gauges = (fee_transfers_overdue, fee_transfers_overdue_oldest)
    return [one.labels("intake", DESK)._value.get() for one in gauges]


def test_what_is_paid_online_is_paid_on_within_eight_working_hours(payments: Payments, code: str) -> None:
    agency = payments.intake.context.reference.agencies
    payments.intake.receive_event("obligation.requested", code, obligation="tax", amount=TAX)
    pay_online(payments, code)
    pay_online(payments, code, "tax")
    assert (
        payments.intake.post(
            f"/dossiers/{payments.intake.file()['code']}/payments", {"amount": FEE, "method": "cash"}
        ).status_code
        == 201
    ), "cash is handed in when the day is closed"
    fee, tax = sorted(payments.intake.rows("fee_transfer"), key=lambda one: one["amount"])
    assert (fee["recipient"], fee["due_at"]) == (DESK, at("2025-11-21 08:15"))
    assert tax["recipient"] != DESK
    assert agency.name_of(tax["recipient"], at("2025-11-20 09:00").date())
    clerk = Person(payments, "clerk")
    assert "Quá hạn" not in clerk.get(PATH).text
    assert overdue_by_metrics(payments) == [0, 0]
    payments.intake.advance(timedelta(days=1, minutes=1))
    assert "Quá hạn: 1" in clerk.get(PATH).text
    assert "Quá hạn: 2" in clerk.get("/intake/payments").text
    for person in (clerk, Person(payments, "leader", "H12")):
        for page in (person.get(PATH).text, person.get("/intake/payments").text):
            assert "lâu nhất từ 08:15 ngày 21/11/2025" in page
    assert overdue_by_metrics(payments) == [2, at("2025-11-21 08:15").timestamp()]
    assert clerk.send(PATH, payment=[tax["payment"]], reference="").status_code == 422
    key = secrets.token_urlsafe()
    for _ in range(2):
        assert clerk.send(PATH, form_key=key, payment=[tax["payment"]], reference="UNC-1").status_code == 303
    assert clerk.send(PATH, payment=[tax["payment"]], reference="UNC-2").status_code == 409, "paid on before"
    assert books(payments) == (FEE, TAX)
    listed = payments.intake.get("/payments/transfers", state="overdue").json["items"]
    assert [one["payment"] for one in listed] == [fee["payment"]]
    body = {"payments": [fee["payment"], tax["payment"]], "reference": "UNC-3"}
    assert payments.intake.post("/payments/transfers", body).json == {"payments": 1, "amount": FEE}
    assert books(payments) == (0, FEE + TAX)
    assert overdue_by_metrics(payments) == [0, 0]
    done = payments.intake.get("/payments/transfers", state="done").json["items"]
    assert {one["reference"] for one in done} == {"UNC-1", "UNC-3"}
    assert "Chuyển trễ" in clerk.get(PATH).text


def test_others_neither_see_nor_record_them(payments: Payments, code: str) -> None:
    pay_online(payments, code)
    (row,) = payments.intake.rows("fee_transfer")
    stranger = Person(payments, "clerk", OTHER_DESK)
    assert code not in stranger.get(PATH).text
    assert stranger.send(PATH, payment=[row["payment"]], reference="UNC-1").status_code == 409
    assert Person(payments, "leader").send(PATH, payment=[row["payment"]], reference="x").status_code == 403
    assert Person(payments, "officer").get(PATH).status_code == 403
    assert payments.intake.post("/payments/transfers", {"payments": [], "reference": "x"}).status_code == 422
    assert books(payments) == (FEE, 0)


def test_what_goes_back_to_the_payer_is_not_paid_on(payments: Payments, code: str) -> None:
    pay_online(payments, code)
    (row,) = payments.intake.rows("fee_transfer")
    clerk, leader = Person(payments, "clerk"), Person(payments, "leader")
    ask = f"/intake/dossiers/{code}/payments/{row['payment']}/refund"
    assert clerk.send(ask, amount="200000", reason="Thu thừa").status_code == 303
    (refund,) = payments.intake.rows("refund")
    decide = f"/intake/payments/refunds/{refund['id']}"
    assert leader.send(decide, action=f"approve-{refund['id']}", reason="Đúng").status_code == 303
    assert clerk.send(PATH, payment=[row["payment"]], reference="UNC-1").status_code == 303
    assert books(payments) == (200_000, FEE - 200_000)


def test_a_statement_is_imported_by_page_and_compared(payments: Payments, code: str) -> None:
    payments.intake.advance(timedelta(days=60))
    leader, path = Person(payments, "leader"), "/intake/payments/reconciliation"
    order = payments.order(code)
    day = payments.context.clock.wall().date().isoformat()
    text = f"transaction;reference;amount;paid_at\nFT1;NOP {order.reference};550.000;{day}T08:20:00+07:00\nFT2;??;7;{day} 08:21:00\n"
    broken = text + "FT3;x;1.5;never\n"
    answer = leader.send(f"{path}/statement", statement=broken, day=day)
    assert answer.status_code == 422
    assert "Dòng 4" in answer.text
    assert "NOP" in answer.text, "nothing typed is lost"
    assert payments.intake.rows("statement_line") == []
    for _ in range(2):
        assert leader.send(f"{path}/statement", statement=text).status_code == 303
    assert len(payments.intake.rows("statement_line")) == 2
    page = leader.get(f"{path}?day={day}").text
    assert "Chưa ghi nhận tại đây" in page
    assert "Cần làm gì" in page
    assert leader.send(path, day=day).status_code == 303
    assert payments.settled(code)
    assert payments.refund_causes() == ["unknown_reference"]
    assert "đều khớp" in leader.get(f"{path}?day={day}").text
    payments.bank(failing=True)
    page = leader.get(f"{path}?day={day}").text
    assert "chưa trả lời" in page
    assert "đều khớp" in page, "the imported statement is still there"
    assert Person(payments, "clerk").get(path).status_code == 403


def test_the_command_line_lists_transfers_and_imports_a_statement(
    sqlite_intake: IntakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOTCUA_MODE", "test")
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_intake.context.settings.data))
    monkeypatch.setenv("MOTCUA_INTAKE_DB_URL", str(sqlite_intake.store.engine.url))
    file = tmp_path / "statement.csv"
    file.write_text("FT1,hello,70000,2025-11-20T08:20:00+07:00\nFT1,hello,70001,2025-11-20T08:20:00+07:00\n")
    refused = CliRunner().invoke(cli, ["statement", str(file)])
    assert refused.exit_code != 0
    assert "line 2" in refused.output
    file.write_text("FT1,hello,70000,2025-11-20T08:20:00+07:00\n")
    for wanted in ("1 new lines, 1 transactions", "0 new lines, 0 transactions"):
        answer = CliRunner().invoke(cli, ["statement", str(file)])
        assert wanted in answer.output, answer.exception
    assert [one["cause"] for one in sqlite_intake.rows("refund")] == ["unknown_reference"]
    assert "0 payments, 0 VND" in CliRunner().invoke(cli, ["transfers", "--overdue"]).output


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_its_lines(text: str) -> None:
    receipts, faults = read_statement(text)
    assert bool(receipts) or bool(faults)
    assert all(one.amount > 0 and one.paid_at.tzinfo for one in receipts)


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("550000", 550_000),
        ("550.000", 550_000),
        ("1,250,000", 1_250_000),
        ("5.5", 0),
        ("-1", 0),
        ("0", 0),
        ("1e5", 0),
        ("9" * 16, 0),
    ],
)
def test_amounts_of_a_statement_are_whole_dong(amount: str, read: int) -> None:
    receipts, faults = read_statement(f"FT1;x;{amount};20/11/2025 08:15")
    assert [one.amount for one in receipts] == ([read] if read else [])
    assert bool(faults) is not bool(read)


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_clerk_records_what_was_paid_on(payments: Payments, code: str, page_at: PageAt, width: int) -> None:
    pay_online(payments, code)
    page = page_at(width)
    token = issue_token(payments.context.settings.auth, "clerk-7", "clerk", DESK)
    page.context.add_cookies([{"name": "motcua_session", "value": token, "url": payments.address}])
    page.goto(f"{payments.address}/intake/payments")
    screenshot(page, f"payments-overview-{width}")
    page.get_by_role("link", name="Chuyển nộp").click()
    page.get_by_role("button", name="Đã chuyển").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Số lệnh chuyển tiền").fill("UNC-1")
    screenshot(page, f"fee-transfers-{width}")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "Đúng hạn" in page.inner_text("main")
    assert page_width(page) <= width
